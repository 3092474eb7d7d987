//! What scripts are given.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{answer::strange, record::Writer};
use crate::{
    Error, OnConflict, Result, State, Time, Until,
    clock::kept,
    store::{End, Filter, Finish, NewJob, Run},
};

/// The longest unique key, in bytes.
const LONGEST_KEY: usize = 255;

/// The arguments of a script.
pub(super) type Arguments = Vec<Vec<u8>>;

/// What is said of a job that no script looks at.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Words {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<String>,
    /// How long an attempt may take, to the nanosecond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<Duration>,
}

impl Words {
    /// As they are kept: nothing, if nothing is said.
    fn written(&self) -> Result<Vec<u8>> {
        match self {
            Self {
                trace: None,
                actor: None,
                timeout: None,
            } => Ok(Vec::new()),
            said => serde_json::to_vec(said).map_err(unwritable),
        }
    }

    /// As [`written`](Self::written) keeps them.
    pub(super) fn read(words: Option<Vec<u8>>) -> Result<Self> {
        match words {
            None => Ok(Self::default()),
            Some(words) => serde_json::from_slice(&words).map_err(|_| strange()),
        }
    }
}

/// Adds an argument.
pub(super) fn push(arguments: &mut Arguments, argument: impl ToString) {
    arguments.push(argument.to_string().into_bytes());
}

/// Adds new jobs, as `add.lua` takes them.
pub(super) fn jobs(arguments: &mut Arguments, jobs: Vec<NewJob>) -> Result<()> {
    for unique in jobs.iter().filter_map(|job| job.unique.as_ref()) {
        if unique.key.len() > LONGEST_KEY {
            return Err(Error::Invalid(format!(
                "a unique key is {} bytes with its kind, and at most {LONGEST_KEY} are allowed: take a hash of what it is made of",
                unique.key.len()
            )));
        }
    }
    for new in jobs {
        job(arguments, new)?;
    }
    Ok(())
}

fn job(arguments: &mut Arguments, job: NewJob) -> Result<()> {
    let how = match job.run {
        Run::Now => "n",
        Run::In(_) => "i",
        Run::At(_) => "a",
    };
    let on_conflict = job.unique.as_ref().map(|it| it.on_conflict);
    let on_conflict = match on_conflict {
        None => "",
        Some(OnConflict::Skip) => "s",
        Some(OnConflict::Replace) => "r",
        Some(OnConflict::Extend) => "e",
    };
    push(arguments, job.id);
    push(arguments, how);
    push(arguments, on_conflict);
    arguments.push(record(&job)?);
    let words = Words {
        trace: job.trace,
        actor: job.actor,
        timeout: job.timeout,
    };
    arguments.push(words.written()?);
    arguments.push(job.payload);
    Ok(())
}

/// The record of a new job: it says how long, where the script will say until when.
fn record(job: &NewJob) -> Result<Vec<u8>> {
    let run_at = match job.run {
        Run::Now => 0,
        Run::In(wait) => millis(wait),
        Run::At(at) => kept(at).timestamp_millis(),
    };
    let (until, window) = match job.unique.as_ref().map(|unique| unique.until) {
        None => (0, 0),
        Some(Until::Started) => (1, 0),
        Some(Until::Finished) => (2, 0),
        Some(Until::Window(window)) => (3, millis(window)),
    };
    let max_age = job.max_age.map_or(0, |age| millis(age).max(1));
    let (limit, limit_max) = match &job.limit {
        Some(limit) => (limit.key.as_str(), limit.max),
        None => ("", 0),
    };
    let unique = job.unique.as_ref().map_or("", |unique| &unique.key);
    let mut record = Writer::default();
    // state, whether it holds its key and is called off
    record.byte(0).byte(0).byte(0).byte(until);
    record.byte(job.priority.level());
    // attempts, crashes and snoozes
    record.number(0).number(job.max_attempts);
    record.number(0).number(0).number(limit_max);
    // the fence; when it was created, may run, was started, is finished, leased and expires
    record.long(0).long(millis(job.ageing));
    record.long(0).long(run_at).long(0).long(0).long(0).long(0);
    record.long(max_age).long(window);
    record.text(&job.queue)?.text(&job.kind)?;
    // worker and reason
    record.text("")?.text("")?;
    let schedule = job.schedule.as_deref().unwrap_or_default();
    record.text(unique)?.text(limit)?.text(schedule)?;
    Ok(record.written())
}

/// The ends of runs, as `finish.lua` takes them.
pub(super) fn ends(ends: &[Finish]) -> Result<Arguments> {
    let mut arguments = Arguments::with_capacity(ends.len() * 5);
    for finish in ends {
        push(&mut arguments, finish.lease.job);
        push(&mut arguments, finish.lease.fence);
        let (how, value) = match &finish.end {
            End::Done => ("d", String::new()),
            End::Retry(wait) => ("r", millis(*wait).to_string()),
            End::Snooze(wait) => ("s", millis(*wait).to_string()),
            End::HandBack => ("h", String::new()),
            End::Cancelled(why) => ("c", why.clone()),
            End::Dead(reason) => ("x", reason.name().to_owned()),
        };
        push(&mut arguments, how);
        push(&mut arguments, value);
        let failure = finish.failure.as_ref();
        let failure = failure.map(serde_json::to_vec).transpose();
        arguments.push(failure.map_err(unwritable)?.unwrap_or_default());
    }
    Ok(arguments)
}

/// A filter, as `meets` in `job.lua` takes it. Its names are given apart.
pub(super) fn filter(filter: &Filter) -> Vec<u8> {
    let mut said = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        said.extend(value.map(|value| (name.to_owned(), value)));
    };
    say("queue", filter.queue.as_deref().map(Value::from));
    say("kind", filter.kind.as_deref().map(Value::from));
    say("reason", filter.reason.map(|reason| reason.name().into()));
    say("schedule", filter.schedule.as_deref().map(Value::from));
    let before = filter.finished_before;
    say("before", before.map(|at| at.timestamp_millis().into()));
    let states = filter.states.iter();
    let states: Map<_, _> = states
        .map(|it| (number(*it).to_string(), json!(true)))
        .collect();
    say("states", (!states.is_empty()).then_some(states.into()));
    Value::from(said).to_string().into_bytes()
}

/// The number of a state, as scripts know it.
pub(super) fn number(state: State) -> usize {
    let place = State::ALL.into_iter().position(|it| it == state);
    place.unwrap_or_default() + 1
}

/// A span in milliseconds, a part of one as a whole one. Longer than there is time is as long as there is.
pub(super) fn millis(span: Duration) -> i64 {
    let longest = crate::clock::LATEST.timestamp_millis();
    let millis = i64::try_from(span.as_nanos().div_ceil(1_000_000));
    millis.unwrap_or(longest).min(longest)
}

/// A time, or nothing.
pub(super) fn moment(time: Option<Time>) -> String {
    let millis = time.map(|it| kept(it).timestamp_millis().to_string());
    millis.unwrap_or_default()
}

/// What cannot be written as JSON, which no value of ours is.
pub(super) fn unwritable(error: serde_json::Error) -> Error {
    Error::Invalid(format!("it cannot be written: {error}"))
}
