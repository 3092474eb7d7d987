//! The benchmark of the job queue: what one process measures, and the comparison of many.

mod compare;
mod peer;
mod place;
mod side;

pub(crate) use self::{
    compare::compare,
    side::{Plan, atlas},
};

/// What a process has measured; the peer's says the same.
#[derive(Clone, Copy, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Measured {
    /// Jobs per second.
    pub(crate) rate: f64,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}
