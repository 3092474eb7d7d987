//! What scripts are given.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Error, OnConflict, Result, State, Time, Until,
    clock::kept,
    store::{End, Filter, Finish, NewJob, Run, UniqueKey},
};

/// The longest unique key, in bytes.
const LONGEST_KEY: usize = 255;

/// The arguments of a script.
pub(super) type Arguments = Vec<Vec<u8>>;

/// What is said of a job that no script looks at.
#[derive(Serialize, Deserialize)]
pub(super) struct Words {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<String>,
    /// How long an attempt may take, to the nanosecond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<Duration>,
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
    let words = Words {
        trace: job.trace,
        actor: job.actor,
        timeout: job.timeout,
    };
    push(arguments, job.id);
    push(arguments, job.queue);
    push(arguments, job.kind);
    push(arguments, job.priority.level());
    push(arguments, millis(job.ageing));
    push(arguments, job.max_attempts);
    let (how, time) = match job.run {
        Run::Now => ("n", 0),
        Run::In(wait) => ("i", millis(wait)),
        Run::At(at) => ("a", kept(at).timestamp_millis()),
    };
    push(arguments, how);
    push(arguments, time);
    push(
        arguments,
        job.max_age
            .map(|age| millis(age).to_string())
            .unwrap_or_default(),
    );
    unique(arguments, job.unique);
    let limit = job
        .limit
        .map_or_else(Default::default, |it| (it.key, it.max));
    push(arguments, limit.0);
    push(arguments, limit.1);
    push(arguments, job.schedule.unwrap_or_default());
    arguments.push(serde_json::to_vec(&words).map_err(unwritable)?);
    arguments.push(job.payload);
    Ok(())
}

fn unique(arguments: &mut Arguments, unique: Option<UniqueKey>) {
    let Some(unique) = unique else {
        arguments.extend([Vec::new(), Vec::new(), Vec::new(), Vec::new()]);
        return;
    };
    let (until, window) = match unique.until {
        Until::Started => ("s", 0),
        Until::Finished => ("f", 0),
        Until::Window(window) => ("w", millis(window)),
    };
    push(arguments, unique.key);
    push(arguments, until);
    push(arguments, window);
    push(
        arguments,
        match unique.on_conflict {
            OnConflict::Skip => "s",
            OnConflict::Replace => "r",
            OnConflict::Extend => "e",
        },
    );
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
