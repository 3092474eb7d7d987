//! What a job is called.

use std::{fmt, str::FromStr};

use atlas_telemetry::context::TraceId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of one job, for ever: a UUID of version 7 (RFC 9562), so that jobs sort by the time of their making.
///
/// The caller may choose it. To enqueue the same one again changes nothing, so that a call whose answer got lost can be
/// repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Uuid);

impl JobId {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The one of this UUID.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The trace of a job that nobody's request has enqueued: its runs belong together, and have its name.
    pub(crate) fn trace(self) -> Option<TraceId> {
        TraceId::parse(self.0.simple().to_string().as_bytes())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
