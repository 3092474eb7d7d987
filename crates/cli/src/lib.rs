//! The `atlas` command: creates services and drives them.
//!
//! A command is a thin file in `commands` over an operation in [`ops`]; operations are plain functions
//! that know nothing of arguments, so that tests and other tools can call them. Only [`Printer`] writes
//! to the terminal, and only `main` turns an [`Error`] into words and an exit status.

mod cli;
mod commands;
mod context;
mod error;
pub mod ops;
mod printer;

pub use self::{
    cli::{command, main},
    context::Context,
    error::{Error, Exit, OrFail, Result},
    printer::{Printer, Style},
};
