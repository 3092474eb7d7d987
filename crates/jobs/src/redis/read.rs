//! What scripts answer.

use std::time::Duration;

use atlas_redis::redis::Value;

use super::{
    answer::{Fields, number, strange, text, time},
    record::Reader,
    write::Words,
};
use crate::{
    Failure, JobId, JobRecord, Limit, Priority, Reason, Result, State,
    clock::between,
    store::{Audit, Claimed, Enqueued, Pulse, Rescued, ScheduleRecord, Stats, Verdict},
};

/// Jobs and the ranks by which they are claimed, as `show` tells them.
fn ranked(value: Value) -> Result<Vec<(i64, JobRecord)>> {
    let mut parts = Fields::of(value)?;
    let (ids, mut records) = (parts.list()?, parts.list()?);
    let (mut payloads, mut words, mut progress) = (parts.list()?, parts.list()?, parts.list()?);
    let mut jobs = Vec::with_capacity(ids.len());
    for id in ids {
        let id = text(id)?.parse().map_err(|_| strange())?;
        let record = records.bytes()?.ok_or_else(strange)?;
        let (rank, job) = job(id, Reader::new(&record))?;
        let words = Words::read(words.bytes()?)?;
        let job = JobRecord {
            payload: payloads.bytes()?.unwrap_or_default(),
            timeout: words.timeout,
            trace: words.trace,
            actor: words.actor,
            progress: progress.text()?,
            ..job
        };
        jobs.push((rank, job));
    }
    Ok(jobs)
}

/// What a record says of a job, and the rank by which it is claimed.
fn job(id: JobId, mut it: Reader<'_>) -> Result<(i64, JobRecord)> {
    let state = state(it.byte()?.into())?;
    let (holds, called_off, _until) = (it.byte()?, it.byte()?, it.byte()?);
    let level = it.byte()?;
    let (attempt, max_attempts) = (it.number()?, it.number()?);
    let (crashes, snoozes, limit_max) = (it.number()?, it.number()?, it.number()?);
    let fence = it.long()?.unsigned_abs();
    let ageing = it.long()?;
    let created_at = it.time()?.ok_or_else(strange)?;
    let run_at = it.long()?;
    let (started_at, finished_at, lease_until) = (it.time()?, it.time()?, it.time()?);
    let expires_at = it.time()?;
    let (_max_age, _window) = (it.long()?, it.long()?);
    let (queue, kind, worker) = (it.text()?, it.text()?, it.word()?);
    let reason = it.word()?.and_then(|name| Reason::of_name(&name));
    let unique_key = it.word()?.filter(|_| holds > 0);
    let limit = it.word()?.map(|key| Limit {
        key,
        max: limit_max,
    });
    let rank = ageing.saturating_mul(level.into()).saturating_add(run_at);
    let record = JobRecord {
        id,
        kind,
        queue,
        state,
        priority: Priority::new(level),
        payload: Vec::new(),
        attempt,
        max_attempts,
        crashes,
        snoozes,
        fence,
        created_at,
        run_at: time(run_at),
        started_at,
        finished_at,
        lease_until,
        worker,
        timeout: None,
        expires_at,
        reason,
        cancel_requested: called_off > 0,
        progress: None,
        unique_key,
        limit,
        trace: None,
        actor: None,
        schedule: it.word()?,
    };
    Ok((rank, record))
}

/// Jobs.
pub(super) fn jobs(value: Value) -> Result<Vec<JobRecord>> {
    Ok(ranked(value)?.into_iter().map(|(_, job)| job).collect())
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
    let mut jobs = ranked(parts.any())?;
    jobs.sort_by_key(|(rank, job)| (*rank, job.id));
    Ok(Claimed {
        jobs: jobs.into_iter().map(|(_, job)| job).collect(),
        next_due: next_due.map(|at| between(now, at)),
        now: Some(now),
    })
}

/// What became of new jobs, of these names.
pub(super) fn enqueued(ids: &[JobId], value: Value) -> Result<Vec<Enqueued>> {
    let one = |(value, id): (Value, &JobId)| match value {
        Value::Int(number) => Ok(Enqueued::New(*id, state(number)?)),
        value => {
            let mut parts = Fields::of(value)?;
            let (what, id) = (parts.word()?, parts.named()?);
            Ok(match what.as_str() {
                "c" => Enqueued::Changed(id),
                _ => Enqueued::Existing(id),
            })
        }
    };
    Fields::of(value)?.zip(ids).map(one).collect()
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
