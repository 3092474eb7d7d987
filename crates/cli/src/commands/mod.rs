//! One file a command: its arguments (`command`) and a thin `run` over an operation of [`crate::ops`].
//!
//! A new command is a file here and a line in [`ALL`].

mod changes;
mod completions;
pub(crate) mod delegate;
mod demo;
mod destroy;
mod dev;
mod doctor;
mod explain;
mod generate;
mod help;
mod new;
mod registry;
mod test;

pub(crate) use self::registry::{ALL, Entry, Group, examples};
