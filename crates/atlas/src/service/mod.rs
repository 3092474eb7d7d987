//! What the binary of a service can do: serve, migrate, seed, and say what it is.

mod cli;
mod commands;
mod entry;
mod failure;
mod invocation;
mod parent;
mod printer;
#[cfg(feature = "db")]
mod progress;
mod report;
#[cfg(any(feature = "http", feature = "db", feature = "jobs"))]
mod table;

pub use self::entry::main;
