//! The background job that is being run.

use std::sync::Arc;

/// Which run of which background job the code belongs to, for its log lines. Its clones are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    id: String,
    kind: String,
    attempt: u32,
}

impl JobRun {
    /// An attempt, counted from 1, of the job of this name and kind.
    pub fn new(id: impl Into<String>, kind: impl Into<String>, attempt: u32) -> Self {
        Self(Arc::new(Inner {
            id: id.into(),
            kind: kind.into(),
            attempt,
        }))
    }

    /// The name of the job: the same in each attempt.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What kind of job it is.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.0.attempt
    }
}
