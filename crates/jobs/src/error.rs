//! Why work with jobs failed, in terms a caller can act on.

use atlas_core::BoxError;

use crate::JobId;

/// The result of work with jobs.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why work with jobs failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store cannot be reached, or was too slow. Whether a change has happened is not known: an enqueue may be
    /// repeated under the same [id](JobId).
    #[error("the store of jobs is not available")]
    Unavailable(#[source] BoxError),
    /// The store refused what it was asked to do: its disk is full, it is read only, its tables are missing.
    #[error("the store of jobs refused")]
    Refused(#[source] BoxError),
    /// The payload is larger than `jobs.max_payload`.
    #[error(
        "the payload of a `{kind}` is {size} bytes, and at most {max} are allowed (`jobs.max_payload`)"
    )]
    TooLarge {
        /// The kind of the job.
        kind: String,
        /// Its size in bytes.
        size: usize,
        /// The most there may be.
        max: usize,
    },
    /// The job cannot be written as JSON.
    #[error("a `{kind}` cannot be written as JSON")]
    Unserialisable {
        /// The kind of the job.
        kind: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// What the caller said cannot be: the text says what, and what may be.
    #[error("{0}")]
    Invalid(String),
    /// There is no such job.
    #[error("there is no job `{0}`")]
    NoSuchJob(JobId),
    /// There is no such schedule.
    #[error("there is no schedule `{0}`")]
    NoSuchSchedule(String),
    /// The job is not in a state in which that can be done to it.
    #[error("job `{id}` is {state}: {hint}")]
    WrongState {
        /// The job.
        id: JobId,
        /// Where it is.
        state: crate::State,
        /// What can be done instead.
        hint: &'static str,
    },
    /// Somebody else holds the job by now; what its former holder says changes nothing.
    #[error("the lease of job `{0}` is lost: its time was up, and somebody else may run it")]
    LeaseLost(JobId),
    /// This store cannot do that; which can, `docs/jobs.md` says.
    #[error("the store `{store}` cannot do that: {what}")]
    Unsupported {
        /// The store.
        store: &'static str,
        /// What.
        what: &'static str,
    },
    /// A hook around enqueueing said no.
    #[error("the job was refused: {0}")]
    Vetoed(String),
    /// The job was run where it was enqueued ([`Inline`](crate::Inline)), and its handler failed.
    #[error("job `{id}` failed where it was enqueued: {message}")]
    Failed {
        /// The job, whose failures the store keeps.
        id: JobId,
        /// What the handler said.
        message: String,
    },
}

impl Error {
    /// Says whether the same call may succeed when made again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Which one it is, for those who count.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Refused(_) => "refused",
            Self::TooLarge { .. } => "too_large",
            Self::Unserialisable { .. } => "unserialisable",
            Self::Invalid(_) => "invalid",
            Self::NoSuchJob(_) => "no_such_job",
            Self::NoSuchSchedule(_) => "no_such_schedule",
            Self::WrongState { .. } => "wrong_state",
            Self::LeaseLost(_) => "lease_lost",
            Self::Unsupported { .. } => "unsupported",
            Self::Vetoed(_) => "vetoed",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What a client of the service learns: whether to come again, and nothing of the store.
impl From<Error> for atlas_core::Error {
    fn from(error: Error) -> Self {
        match &error {
            Error::Unavailable(_) => Self::unavailable(
                "jobs_unavailable",
                "what has to be done later cannot be kept right now",
            )
            .source(error),
            Error::TooLarge { .. } | Error::Invalid(_) => {
                Self::invalid("job_invalid", error.to_string()).source(error)
            }
            Error::NoSuchJob(_) => Self::not_found("job_not_found", error.to_string()),
            Error::NoSuchSchedule(_) => Self::not_found("schedule_not_found", error.to_string()),
            Error::WrongState { .. } => Self::conflict("job_state", error.to_string()),
            Error::Vetoed(_) => Self::conflict("job_refused", error.to_string()),
            _ => Self::internal(error),
        }
    }
}
