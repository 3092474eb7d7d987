//! Cases of job workers, on every store that outlives them.

mod blocked;
mod case;
mod full;
mod killed;
mod load;
mod restarts;
mod steps;
mod storms;
mod ticks;
mod wires;
mod zombies;
