//! Cases of job workers, on every store that outlives them.

mod backlog;
mod bloat;
mod blocked;
mod case;
mod clocks;
mod controls;
mod delays;
mod drains;
mod enqueuers;
mod everysec;
mod faultless;
mod full;
mod killed;
mod limits;
mod load;
mod probe;
mod pruning;
mod restarts;
mod rolling;
mod signals;
mod steps;
mod storms;
mod ticks;
mod wires;
mod zombies;
