//! What scripts answer.

use std::time::Duration;

use atlas_redis::redis::Value;

use super::{
    answer::{Fields, number, strange, text, time},
    write::Words,
};
use crate::{
    Failure, JobId, JobRecord, Limit, Priority, Reason, Result, State,
    clock::between,
    store::{Audit, Claimed, Enqueued, Pulse, Rescued, ScheduleRecord, Stats, Verdict},
};

/// A job and what one level of priority counts for, as `show` tells it.
fn aged(value: Value) -> Result<(JobRecord, i64)> {
    let mut parts = Fields::of(value)?;
    let id: JobId = parts.named()?;
    let mut it = parts.list()?;
    let payload = parts.bytes()?.unwrap_or_default();
    let words = parts.bytes()?.ok_or_else(strange)?;
    let words: Words = serde_json::from_slice(&words).map_err(|_| strange())?;
    let progress = parts.text()?;
    let state = state(it.size()?)?;
    let (queue, kind) = (it.word()?, it.word()?);
    let priority = Priority::new(it.size()?);
    let ageing = it.size()?;
    let (attempt, max_attempts) = (it.size()?, it.size()?);
    let (crashes, snoozes, fence) = (it.size()?, it.size()?, it.size()?);
    let created_at = it.time()?.ok_or_else(strange)?;
    let run_at = it.time()?.ok_or_else(strange)?;
    let (started_at, finished_at, lease_until) = (it.time()?, it.time()?, it.time()?);
    let (worker, expires_at, _max_age) = (it.text()?, it.time()?, it.number()?);
    let reason = it.text()?.and_then(|name| Reason::of_name(&name));
    let cancel_requested = it.number()?.is_some();
    let unique_key = it.text()?;
    let (_unique, _until, _window) = (it.any(), it.any(), it.any());
    let (key, max) = (it.text()?, it.number()?);
    let limit = key.zip(max.and_then(|max| u32::try_from(max).ok()));
    let record = JobRecord {
        id,
        kind,
        queue,
        state,
        priority,
        payload,
        attempt,
        max_attempts,
        crashes,
        snoozes,
        fence,
        created_at,
        run_at,
        started_at,
        finished_at,
        lease_until,
        worker,
        timeout: words.timeout,
        expires_at,
        reason,
        cancel_requested,
        progress,
        unique_key,
        limit: limit.map(|(key, max)| Limit { key, max }),
        trace: words.trace,
        actor: words.actor,
        schedule: it.text()?,
    };
    Ok((record, ageing))
}

/// Jobs.
pub(super) fn jobs(value: Value) -> Result<Vec<JobRecord>> {
    Fields::of(value)?.map(|job| Ok(aged(job)?.0)).collect()
}

/// One part of a list, and where it goes on.
pub(super) fn page(value: Value) -> Result<(Option<String>, Vec<JobRecord>)> {
    let mut parts = Fields::of(value)?;
    Ok((parts.text()?, jobs(parts.any())?))
}

/// What a claim gives, the most urgent job first.
pub(super) fn claimed(value: Value) -> Result<Claimed> {
    let mut parts = Fields::of(value)?;
    let now = parts.time()?.ok_or_else(strange)?;
    let next_due = parts.time()?;
    let jobs = parts.list()?.map(aged);
    let mut jobs = jobs.collect::<Result<Vec<_>>>()?;
    jobs.sort_by_key(|(job, ageing)| {
        let level = i64::from(job.priority.level());
        let rank = job.run_at.timestamp_millis();
        (rank.saturating_add(level.saturating_mul(*ageing)), job.id)
    });
    Ok(Claimed {
        jobs: jobs.into_iter().map(|(job, _)| job).collect(),
        next_due: next_due.map(|at| between(now, at)),
        now: Some(now),
    })
}

/// What became of new jobs.
pub(super) fn enqueued(value: Value) -> Result<Vec<Enqueued>> {
    let one = |value| {
        let mut parts = Fields::of(value)?;
        let (what, id) = (parts.word()?, parts.named()?);
        Ok(match what.as_str() {
            "n" => Enqueued::New(id, state(parts.size()?)?),
            "c" => Enqueued::Changed(id),
            _ => Enqueued::Existing(id),
        })
    };
    Fields::of(value)?.map(one).collect()
}

/// What became of leases.
pub(super) fn pulses(value: Value) -> Result<Vec<Pulse>> {
    let one = |value| {
        Ok(match text(value)?.as_str() {
            "k" => Pulse::Kept,
            "c" => Pulse::Cancel,
            _ => Pulse::Lost,
        })
    };
    Fields::of(value)?.map(one).collect()
}

/// Whether something was recorded.
pub(super) fn verdict(recorded: bool) -> Verdict {
    match recorded {
        true => Verdict::Applied,
        false => Verdict::Stale,
    }
}

/// Jobs that were taken back.
pub(super) fn rescued(value: Value) -> Result<Vec<Rescued>> {
    let one = |value| {
        let mut parts = Fields::of(value)?;
        Ok(Rescued {
            id: parts.named()?,
            kind: parts.word()?,
            queue: parts.word()?,
            crashes: parts.size()?,
            dead: parts.size::<i64>()? == 1,
            worker: parts.text()?,
            overdue: Duration::from_millis(parts.size()?),
        })
    };
    Fields::of(value)?.map(one).collect()
}

/// A failure, as `fail` keeps it: the time, a space, JSON.
pub(super) fn failure(line: &str) -> Result<Failure> {
    let (at, json) = line.split_once(' ').ok_or_else(strange)?;
    let mut failure: Failure = serde_json::from_str(json).map_err(|_| strange())?;
    failure.at = time(number(at)?);
    Ok(failure)
}

/// How many jobs there are.
pub(super) fn stats(value: Value, all: bool) -> Result<Stats> {
    let mut parts = Fields::of(value)?;
    let now = parts.time()?.ok_or_else(strange)?;
    let mut stats = Stats {
        now,
        queues: Default::default(),
    };
    let mut jobs = parts.list()?;
    while let Some(name) = jobs.text()? {
        let (number_of_state, queue) = name.split_once('/').ok_or_else(strange)?;
        let (state, count) = (state(number(number_of_state)?)?, jobs.size()?);
        if all || !state.is_terminal() {
            let queue = stats.queues.entry(queue.to_owned()).or_default();
            queue.jobs.insert(state, count);
        }
    }
    for queue in parts.list()? {
        stats.queues.entry(text(queue)?).or_default().paused = true;
    }
    for oldest in parts.list()? {
        let mut oldest = Fields::of(oldest)?;
        let (queue, since) = (oldest.word()?, oldest.time()?);
        let queue = stats.queues.entry(queue).or_default();
        queue.oldest = since.map(|since| between(since, now));
    }
    Ok(stats)
}

/// Schedules, by name.
pub(super) fn schedules(value: Value) -> Result<Vec<ScheduleRecord>> {
    let one = |value| {
        let mut parts = Fields::of(value)?;
        let said = parts.word()?;
        let mut schedule: ScheduleRecord = serde_json::from_str(&said).map_err(|_| strange())?;
        schedule.paused = parts.number()?.is_some();
        schedule.last_tick = parts.time()?;
        schedule.next_tick = parts.time()?;
        schedule.declared_at = parts.time()?;
        Ok(schedule)
    };
    let mut schedules = Fields::of(value)?.map(one).collect::<Result<Vec<_>>>()?;
    schedules.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(schedules)
}

/// Lines of the audit.
pub(super) fn audits(value: Value) -> Result<Vec<Audit>> {
    let one = |value| {
        let mut parts = Fields::of(value)?;
        Ok(Audit {
            at: parts.time()?.ok_or_else(strange)?,
            actor: parts.word()?,
            action: parts.word()?,
            subject: parts.word()?,
            detail: parts.text()?,
        })
    };
    Fields::of(value)?.map(one).collect()
}

/// The state of this number.
pub(super) fn state(number: i64) -> Result<State> {
    let index = usize::try_from(number - 1).ok();
    let state = index.and_then(|index| State::ALL.get(index));
    state.copied().ok_or_else(strange)
}
