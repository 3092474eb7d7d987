//! What a job is.

use serde::{Serialize, de::DeserializeOwned};

use crate::Options;

/// Work to be done later: a struct that says what, as JSON in the store.
///
/// ```
/// use std::time::Duration;
/// use atlas_jobs::{Backoff, Job, Options};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct SendReceipt {
///     order_id: u64,
/// }
///
/// impl Job for SendReceipt {
///     const KIND: &'static str = "send_receipt";
///
///     fn options(&self) -> Options {
///         Options::new()
///             .queue("mail")
///             .max_attempts(5)
///             .timeout(Duration::from_secs(30))
///             .unique(self.order_id)
///     }
/// }
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What the store knows it by: lower case, digits, `_`, `.` and `-`, at most 100 bytes. It outlives every name in the
    /// code. A worker that knows no handler for a kind leaves its jobs to one that does.
    const KIND: &'static str;

    /// The version of the payload. When its shape changes so that an older worker could not read it, count this up: such a
    /// worker leaves the new jobs alone, and this one gets old payloads through [`upgrade`](Job::upgrade).
    const VERSION: u16 = 1;

    /// How it is queued, retried and kept unique. Whoever enqueues may override each.
    fn options(&self) -> Options {
        Options::new()
    }

    /// Makes a payload of an older version one of this version; by default it is left as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be read; the job is dead then, as [undecodable](crate::Reason::Undecodable).
    fn upgrade(
        version: u16,
        payload: serde_json::Value,
    ) -> Result<serde_json::Value, serde_json::Error> {
        let _ = version;
        Ok(payload)
    }
}
