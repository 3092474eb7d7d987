//! Rows as records.

use std::time::Duration;

use atlas_db::sea_orm::{DbErr, QueryResult, TryGetable};
use chrono::DateTime;
use uuid::Uuid;

use super::base::{Dialect, damaged};
use crate::{
    Failure, FailureKind, JobId, JobRecord, Limit, Priority, Reason, Result, State, Time,
    store::{Audit, Misfire, ScheduleRecord},
};

/// The columns of a job, in the order in which they are read.
const JOB: [&str; 28] = [
    "id",
    "kind",
    "queue",
    "state",
    "priority",
    "payload",
    "attempt",
    "max_attempts",
    "crashes",
    "snoozes",
    "fence",
    "created_at",
    "run_at",
    "started_at",
    "finished_at",
    "lease_until",
    "worker",
    "timeout_ms",
    "expires_at",
    "reason",
    "cancel_requested",
    "progress",
    "unique_key",
    "limit_key",
    "limit_max",
    "trace",
    "actor",
    "schedule",
];

/// The columns that MySQL keeps as bytes.
const KEYS: [&str; 5] = ["unique_key", "limit_key", "schedule", "subject", "gate"];

impl Dialect {
    /// What reads these columns.
    fn read<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> String {
        let read = |column: &'a str| match self {
            Self::MySql if KEYS.contains(&column) => format!("CONVERT({column} USING utf8mb4)"),
            _ => column.to_owned(),
        };
        columns.into_iter().map(read).collect::<Vec<_>>().join(", ")
    }

    /// What reads the key of a job, unless its window is over.
    fn held_key(self) -> String {
        let key = self.read(["unique_key"]);
        format!("CASE WHEN key_until IS NULL OR key_until > {{now}} THEN {key} END")
    }

    /// What reads a job: its columns, and after them the handicap of its priority and until when it holds its key.
    pub(super) fn job_columns(self) -> String {
        let columns = JOB.into_iter().chain(["handicap", "unique_until"]);
        let columns = columns.map(|column| match column {
            "unique_key" => self.held_key(),
            column => self.read([column]),
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// What reads one column.
    pub(super) fn column(self, column: &'static str) -> String {
        self.read([column])
    }
}

/// The places behind the columns of a job.
pub(super) const HANDICAP: usize = JOB.len();
pub(super) const UNIQUE_UNTIL: usize = JOB.len() + 1;

/// The columns of a failure.
pub(super) const FAILURE: &str = "attempt, at, kind, message, backtrace, worker";

/// The columns of a schedule.
pub(super) const SCHEDULE: &str = "name, cron, zone, kind, payload, queue, options, jitter_ms, \
                                   misfire, paused, from_code, declared_at, last_tick, next_tick";

/// The column of this number.
pub(crate) fn at<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T> {
    Ok(row.try_get_by_index(index)?)
}

/// Says whether a number that the engine has worked out is not 0; engines differ in how wide it is.
pub(super) fn is_set(row: &QueryResult, index: usize) -> Result<bool> {
    let wide: Result<i64> = at(row, index);
    Ok(match wide {
        Ok(number) => number != 0,
        Err(_) => at::<i32>(row, index)? != 0,
    })
}

/// Reads the columns of a row, one after the other.
pub(super) struct Reader<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    fn get<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        self.next += 1;
        self.row.try_get_by_index(self.next - 1)
    }

    pub(super) fn text(&mut self) -> Result<String> {
        Ok(self.get()?)
    }

    pub(super) fn maybe_text(&mut self) -> Result<Option<String>> {
        Ok(self.get()?)
    }

    pub(super) fn big(&mut self) -> Result<i64> {
        Ok(self.get()?)
    }

    fn count(&mut self) -> Result<u32> {
        let number: i32 = self.get()?;
        Ok(u32::try_from(number).unwrap_or(0))
    }

    fn small(&mut self) -> Result<i16> {
        Ok(self.get()?)
    }

    fn flag(&mut self) -> Result<bool> {
        Ok(self.small()? != 0)
    }

    fn time(&mut self) -> Result<Time> {
        time(self.big()?)
    }

    fn maybe_time(&mut self) -> Result<Option<Time>> {
        let at: Option<i64> = self.get()?;
        at.map(time).transpose()
    }

    fn job(&mut self) -> Result<JobId> {
        let id: Uuid = self.get()?;
        Ok(JobId::from_uuid(id))
    }
}

/// The moment that a number of milliseconds stands for.
pub(super) fn time(millis: i64) -> Result<Time> {
    DateTime::from_timestamp_millis(millis)
        .ok_or_else(|| damaged(format!("a time of the jobs' tables is none: {millis}")))
}

/// The name of the state that a number stands for.
pub(super) fn state(number: i16) -> Result<State> {
    usize::try_from(number)
        .ok()
        .and_then(|number| State::ALL.get(number).copied())
        .ok_or_else(|| damaged(format!("the state of a job is none: {number}")))
}

/// The number that a state has in the tables.
pub(super) const fn number(state: State) -> i64 {
    match state {
        State::Scheduled => 0,
        State::Available => 1,
        State::Running => 2,
        State::Completed => 3,
        State::Cancelled => 4,
        State::Dead => 5,
    }
}

/// Reads a job.
pub(super) fn job(row: &QueryResult) -> Result<JobRecord> {
    let mut row = Reader::new(row);
    Ok(JobRecord {
        id: row.job()?,
        kind: row.text()?,
        queue: row.text()?,
        state: state(row.small()?)?,
        priority: Priority::new(u8::try_from(row.small()?).unwrap_or(u8::MAX)),
        payload: row.get()?,
        attempt: row.count()?,
        max_attempts: row.count()?,
        crashes: row.count()?,
        snoozes: row.count()?,
        fence: u64::try_from(row.big()?).unwrap_or(0),
        created_at: row.time()?,
        run_at: row.time()?,
        started_at: row.maybe_time()?,
        finished_at: row.maybe_time()?,
        lease_until: row.maybe_time()?,
        worker: row.maybe_text()?,
        timeout: row.get::<Option<i64>>()?.map(span),
        expires_at: row.maybe_time()?,
        reason: row.maybe_text()?.as_deref().and_then(Reason::of_name),
        cancel_requested: row.flag()?,
        progress: row.maybe_text()?,
        unique_key: row.maybe_text()?,
        limit: {
            let (key, max) = (row.maybe_text()?, row.get::<Option<i32>>()?);
            key.zip(max)
                .map(|(key, max)| Limit::key(key, u32::try_from(max).unwrap_or(1)))
        },
        trace: row.maybe_text()?,
        actor: row.maybe_text()?,
        schedule: row.maybe_text()?,
    })
}

fn span(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Reads the first column as the name of a job.
pub(super) fn id(row: &QueryResult) -> Result<JobId> {
    Reader::new(row).job()
}

/// Reads a failure.
pub(super) fn failure(row: &QueryResult) -> Result<Failure> {
    let mut row = Reader::new(row);
    Ok(Failure {
        attempt: row.count()?,
        at: row.time()?,
        kind: FailureKind::of_name(&row.text()?).unwrap_or(FailureKind::Error),
        message: row.text()?,
        backtrace: row.maybe_text()?,
        worker: row.maybe_text()?,
    })
}

/// Reads a schedule.
pub(super) fn schedule(row: &QueryResult) -> Result<ScheduleRecord> {
    let mut row = Reader::new(row);
    Ok(ScheduleRecord {
        name: row.text()?,
        cron: row.text()?,
        zone: row.text()?,
        kind: row.text()?,
        payload: row.text()?,
        queue: row.maybe_text()?,
        // what a newer build has written and this one cannot read holds up no other schedule
        options: serde_json::from_str(&row.text()?).unwrap_or_default(),
        jitter_ms: u64::try_from(row.big()?).unwrap_or(0),
        misfire: match row.text()?.as_str() {
            "skip" => Misfire::Skip,
            "all" => Misfire::All,
            _ => Misfire::Once,
        },
        paused: row.flag()?,
        from_code: row.flag()?,
        declared_at: row.maybe_time()?,
        last_tick: row.maybe_time()?,
        next_tick: row.maybe_time()?,
    })
}

/// What a misfire policy is called in the tables.
pub(super) const fn misfire(policy: Misfire) -> &'static str {
    match policy {
        Misfire::Skip => "skip",
        Misfire::Once => "once",
        Misfire::All => "all",
    }
}

/// Reads a line of the audit: time, actor, action, subject, detail.
pub(super) fn audit(row: &QueryResult) -> Result<Audit> {
    let mut row = Reader::new(row);
    Ok(Audit {
        at: row.time()?,
        actor: row.text()?,
        action: row.text()?,
        subject: row.text()?,
        detail: row.maybe_text()?,
    })
}
