//! Structured logs: one line an event, as JSON for machines or coloured text for people.
//!
//! Code logs through [`tracing`]; [`install`] says where the lines go. A line is put together in a buffer of its thread and
//! handed to one writer thread, so that logging costs a request no system call; lines at `ERROR` are written at once,
//! and dropping the [`Guard`] writes what is left. Inside a request every line carries the ids of its
//! [`context`](crate::context). Control characters are escaped: what a caller sends can neither forge a line nor colour a
//! terminal.

mod clock;
mod config;
mod guard;
mod json;
mod layer;
mod panics;
mod pretty;
mod text;
mod writer;

pub use self::{
    config::{Filter, FilterError, Format, LogConfig},
    guard::{Guard, InstallError, Output, install},
};
