//! Cases of job workers, on every store that outlives them.

mod blocked;
mod case;
mod controls;
mod delays;
mod drains;
mod everysec;
mod full;
mod killed;
mod limits;
mod load;
mod restarts;
mod rolling;
mod signals;
mod steps;
mod storms;
mod ticks;
mod wires;
mod zombies;
