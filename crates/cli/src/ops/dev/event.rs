//! What happens around a session.

use std::{path::PathBuf, process::ExitStatus};

use super::build::Outcome;

/// Something the session reacts to. Numbers tell which of several processes in a row is meant, so that news of one
/// that has been given up are not taken for news of its successor.
#[derive(Debug)]
pub(super) enum Event {
    /// Files were saved, created, moved or removed.
    Saved(Vec<PathBuf>),
    /// The watcher lost track or failed.
    WatchFailed(notify::Error),
    /// A build is over.
    Built { number: u64, outcome: Outcome },
    /// The service's process is gone, and its group with it.
    Ended { number: u64, status: ExitStatus },
    /// The tests are over.
    Tested { status: ExitStatus },
    /// This process got a signal.
    Signal(i32),
    /// A key was pressed.
    Key(u8),
}
