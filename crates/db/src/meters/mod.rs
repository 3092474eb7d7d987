//! What statements cost and what they are: series of durations, spans, warnings of the slow and of the repeated ones.
//!
//! What has to be read out of a statement's text is worked out once a text. A span costs nothing while nobody listens, and
//! the rest of what a statement pays is one look-up, two readings of the clock and two additions.

mod failure;
mod lexer;
mod queries;
mod repeat;
mod shape;
mod text;
mod watch;

use std::{sync::Arc, time::Duration};

pub use self::queries::Queries;
use self::{queries::Listeners, shape::Shapes};
pub(crate) use self::{shape::Labels, watch::Watch};
use crate::histogram::Reading;

/// What is watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    /// Slower statements are written down.
    pub(crate) slow: Duration,
    /// A statement that one unit of work runs more often is written down; 0 for none.
    pub(crate) repeats: u32,
}

/// The measurements of one database handle.
pub(crate) struct Meters {
    thresholds: Thresholds,
    /// `db.namespace`: the name of the database, where it has one.
    namespace: Option<String>,
    shapes: Shapes,
    listeners: Listeners,
}

impl Meters {
    /// Meters without any reading.
    pub(crate) fn new(thresholds: Thresholds, namespace: Option<String>) -> Self {
        Self {
            thresholds,
            namespace,
            shapes: Shapes::default(),
            listeners: Listeners::default(),
        }
    }

    /// `db.namespace`.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Every series of durations that has a reading.
    pub(crate) fn read(&self) -> Vec<(Labels, Reading)> {
        self.shapes
            .all()
            .into_iter()
            .map(|(labels, histogram)| (labels, histogram.read()))
            .filter(|(_, reading)| reading.count > 0)
            .collect()
    }

    /// Makes a list of what runs from now on.
    pub(crate) fn listen(&self) -> Arc<queries::Log> {
        self.listeners.add()
    }
}
