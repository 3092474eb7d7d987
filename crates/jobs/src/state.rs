//! Where a job is on its way.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The state of a job. `docs/jobs.md` draws the transitions; they are the same in every store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its time: delayed, to be retried, or snoozed.
    Scheduled,
    /// Waits for a worker.
    Available,
    /// A worker holds its lease.
    Running,
    /// Done.
    Completed,
    /// Called off, by its handler or from outside.
    Cancelled,
    /// Failed for good: kept, with every error, until somebody redrives or drops it.
    Dead,
}

impl State {
    /// All of them, in the order of a job's life.
    pub const ALL: [Self; 6] = [
        Self::Scheduled,
        Self::Available,
        Self::Running,
        Self::Completed,
        Self::Cancelled,
        Self::Dead,
    ];

    /// Its name in stores, commands and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Available => "available",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    /// Says whether nothing more happens to it by itself.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Dead)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
            format!("no state `{text}`: it is one of {}", names.join(", "))
        })
    }
}

/// Why a job is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// It failed as often as it may.
    Exhausted,
    /// Its handler said that no retry can help.
    Failed,
    /// The worker that ran it died with it too often.
    CrashLoop,
    /// Its payload is not what its kind takes.
    Undecodable,
    /// It would be retried when it is older than it may be.
    Expired,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Exhausted,
        Self::Failed,
        Self::CrashLoop,
        Self::Undecodable,
        Self::Expired,
    ];

    /// Its name in stores, commands and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Failed => "failed",
            Self::CrashLoop => "crash_loop",
            Self::Undecodable => "undecodable",
            Self::Expired => "expired",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
