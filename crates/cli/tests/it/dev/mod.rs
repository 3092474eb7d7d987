//! `atlas dev` with a real service, real builds and a real terminal.

mod running;

mod generated;
mod keys;
mod outage;
mod processes;
mod rebuild;
