//! How a process ends.

use std::process::{ExitCode, Termination};

/// The exit code of an app that has run to its end: 0 after a signal, or what [`Shutdown::request`] asked for.
///
/// [`Shutdown::request`]: crate::Shutdown::request
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExitStatus(u8);

impl ExitStatus {
    /// Ended well.
    pub const SUCCESS: Self = Self(0);

    /// Ended with `code`.
    pub fn new(code: u8) -> Self {
        Self(code)
    }

    /// The code for the operating system.
    pub fn code(self) -> u8 {
        self.0
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.0)
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        self.into()
    }
}
