//! Names of background jobs. There are no conventions for them that fit, so they are Atlas's own.

use super::{Kind, Measure, Metric};

/// The buckets of waits and runs in seconds: from what a push takes to what a nightly job does.
pub const BUCKETS: &[f64] = &[
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 1800.0, 7200.0,
];

/// How many jobs were enqueued, and what became of that.
pub const ENQUEUED: Metric = Metric::new(
    "atlas.jobs.enqueued",
    "atlas_jobs_enqueued",
    Kind::Counter,
    "Jobs that this process enqueued, by what became of that",
)
.labels(&[label::QUEUE, label::KIND, label::OUTCOME]);

/// How many runs ended, and how.
pub const FINISHED: Metric = Metric::new(
    "atlas.jobs.finished",
    "atlas_jobs_finished",
    Kind::Counter,
    "Runs of jobs whose end was recorded, by what comes next",
)
.labels(&[label::QUEUE, label::KIND, label::OUTCOME]);

/// How many attempts failed, and in what way.
pub const FAILURES: Metric = Metric::new(
    "atlas.jobs.failures",
    "atlas_jobs_failures",
    Kind::Counter,
    "Attempts that failed, by in what way",
)
.labels(&[label::QUEUE, label::KIND, label::FAILURE]);

/// How many jobs were taken back from dead workers.
pub const CRASHES: Metric = Metric::new(
    "atlas.jobs.crashes",
    "atlas_jobs_crashes",
    Kind::Counter,
    "Jobs that were taken back because their worker died or lost its lease",
)
.labels(&[label::QUEUE, label::KIND]);

/// How many jobs died, and why.
pub const DEAD: Metric = Metric::new(
    "atlas.jobs.dead",
    "atlas_jobs_dead",
    Kind::Counter,
    "Jobs that died, by reason",
)
.labels(&[label::QUEUE, label::KIND, label::REASON]);

/// How many results came too late.
pub const STALE: Metric = Metric::new(
    "atlas.jobs.stale_completions",
    "atlas_jobs_stale_completions",
    Kind::Counter,
    "Results that did not count because the lease was lost",
);

/// How long jobs waited.
pub const WAIT: Metric = Metric::new(
    "atlas.jobs.wait.duration",
    "atlas_jobs_wait",
    Kind::Histogram,
    "How long jobs waited from when they might run until they did",
)
.unit(Measure::Seconds)
.labels(&[label::QUEUE, label::KIND])
.buckets(BUCKETS);

/// How long attempts took.
pub const RUN: Metric = Metric::new(
    "atlas.jobs.run.duration",
    "atlas_jobs_run",
    Kind::Histogram,
    "How long attempts took",
)
.unit(Measure::Seconds)
.labels(&[label::QUEUE, label::KIND])
.buckets(BUCKETS);

/// How many jobs this process runs.
pub const BUSY: Metric = Metric::new(
    "atlas.jobs.busy",
    "atlas_jobs_busy",
    Kind::Gauge,
    "Jobs that this process runs now",
);

/// How many jobs there are that are not finished.
pub const DEPTH: Metric = Metric::new(
    "atlas.jobs.depth",
    "atlas_jobs_depth",
    Kind::Gauge,
    "Jobs in the store that are not finished, by state, as counted every few seconds",
)
.labels(&[label::QUEUE, label::STATE]);

/// How long the oldest job has been waiting.
pub const OLDEST: Metric = Metric::new(
    "atlas.jobs.oldest",
    "atlas_jobs_oldest",
    Kind::Gauge,
    "How long the oldest job has been available, as counted every few seconds",
)
.unit(Measure::Seconds)
.labels(&[label::QUEUE]);

/// All of them.
pub const METRICS: &[Metric] = &[
    ENQUEUED, FINISHED, FAILURES, CRASHES, DEAD, STALE, WAIT, RUN, BUSY, DEPTH, OLDEST,
];

/// The labels of jobs.
pub mod label {
    /// The queue.
    pub const QUEUE: &str = "queue";
    /// The kind of the job, without the version of its payload.
    pub const KIND: &str = "kind";
    /// What comes next for a job that was run: `done`, `retry`, `snooze`, `hand_back`, `cancelled` or `dead`. What became of
    /// one that was enqueued: `added`, `existing` (it, or one with its key, was there), `changed` (one with its key was), `failed`,
    /// or `fired` (by a schedule, which does not learn more).
    pub const OUTCOME: &str = "outcome";
    /// In what way an attempt failed: `error`, `panic`, `timed_out`, `crashed` or `undecodable`.
    pub const FAILURE: &str = "failure";
    /// Why a job is dead: `exhausted`, `failed`, `crash_loop`, `undecodable` or `expired`.
    pub const REASON: &str = "reason";
    /// The state: `scheduled`, `available` or `running`.
    pub const STATE: &str = "state";
    /// Stands for all queues and kinds beyond the first few hundred.
    pub const OTHER: &str = "_OTHER";
}
