//! Schedules, as a store keeps them.

use serde::{Deserialize, Serialize};

use super::NewJob;
use crate::{Options, Time};

/// A schedule as a store keeps it. The store does not know what `cron` means; the scheduler does, and says when the next
/// tick is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleRecord {
    /// Its name.
    pub name: String,
    /// When it fires: 5 or 6 fields.
    pub cron: String,
    /// In which zone of the IANA database: `Europe/Berlin`.
    pub zone: String,
    /// The kind of job that it enqueues, as in [`JobRecord::kind`](crate::JobRecord::kind).
    pub kind: String,
    /// The payload, JSON.
    pub payload: String,
    /// The queue, if not that of the job.
    pub queue: Option<String>,
    /// How its jobs are queued and retried, so that they are the same whoever enqueues them. A store keeps no back-off.
    pub options: Options,
    /// The longest random delay of each job, in milliseconds.
    pub jitter_ms: u64,
    /// What happens with ticks that were missed.
    pub misfire: Misfire,
    /// It does not fire while this is so.
    pub paused: bool,
    /// Whether the code says it; otherwise somebody has added it at run time.
    pub from_code: bool,
    /// When a process whose code says just this was last there; of one from the code only.
    pub declared_at: Option<Time>,
    /// The tick that fired last.
    pub last_tick: Option<Time>,
    /// The tick that fires next. It changes only together with the jobs of the tick before.
    pub next_tick: Option<Time>,
}

/// What happens with ticks that no process was there for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Misfire {
    /// They are left out.
    Skip,
    /// One job stands for all of them.
    #[default]
    Once,
    /// Each has its job, up to 1,000.
    All,
}

/// One time at which a schedule fires.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The schedule.
    pub schedule: String,
    /// The tick, as [`ScheduleRecord::next_tick`] says it. If it does not any more, somebody else was faster, and nothing
    /// happens.
    pub expected: Time,
    /// The tick after it.
    pub next: Option<Time>,
    /// What it enqueues.
    pub jobs: Vec<NewJob>,
}

/// What became of a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fire {
    /// Its jobs are enqueued and its next tick is recorded, both in one step.
    Fired,
    /// It has fired before, or the schedule is paused or gone: nothing has changed.
    Missed,
}
