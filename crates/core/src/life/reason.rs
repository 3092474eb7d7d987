//! Why a constructor, hook or task did not do what it should.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use super::catch::Panic;
use crate::BoxError;

#[derive(Debug)]
pub(crate) enum Reason {
    Failed(BoxError),
    /// A task's error, which the cause of the shutdown holds too.
    Shared(Arc<dyn Error + Send + Sync>),
    Panicked(Panic),
    /// Its own deadline passed.
    Overtime(Duration),
    /// The budget of all stop hooks was spent while it ran.
    CutOff(Duration),
    /// The budget of all stop hooks was spent before its turn.
    NotRun(Duration),
    /// A task returned before it was told to stop.
    EndedEarly,
}

impl Reason {
    /// The error behind it.
    pub(crate) fn error(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::Shared(error) => Some(&**error),
            Self::Panicked(panic) => Some(panic),
            Self::Overtime(_) | Self::CutOff(_) | Self::NotRun(_) | Self::EndedEarly => None,
        }
    }

    pub(crate) fn is_panic(&self) -> bool {
        self.error().is_some_and(|error| error.is::<Panic>())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overtime(limit) => write!(f, "did not finish within {limit:?}"),
            Self::CutOff(budget) => {
                write!(f, "was cut off: the stop budget of {budget:?} is spent")
            }
            Self::NotRun(budget) => {
                write!(f, "was not run: the stop budget of {budget:?} is spent")
            }
            Self::EndedEarly => f.write_str("ended before it was told to stop"),
            Self::Panicked(panic) => write!(f, "panicked: {panic}"),
            Self::Shared(error) if error.is::<Panic>() => write!(f, "panicked: {error}"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Shared(error) => write!(f, "failed: {error}"),
        }
    }
}
