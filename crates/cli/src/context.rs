//! What every command gets to work with.

use std::path::PathBuf;

use crate::Printer;

/// The surroundings of one invocation: where it runs, how it speaks, whether it may ask.
#[derive(Debug)]
#[non_exhaustive]
pub struct Context {
    /// Writes results to stdout and messages to stderr.
    pub printer: Printer,
    /// The directory to work in: `--directory`, else the current one; absolute.
    pub directory: PathBuf,
    /// Whether questions may be asked: stdin and stderr are terminals and `--no-input` is not given.
    pub interactive: bool,
}
