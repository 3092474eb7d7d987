//! The schedules of the code.

use std::{collections::HashMap, sync::Arc};

use atlas_core::{Component, Diagnostic};

use super::Schedule;
use crate::{Error, Handlers, Time, handler, name};

/// All schedules that the code declares, checked: a component.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Vec<Schedule>>);

impl Component for Plan {}

impl Plan {
    /// Checks that each can be, and that somebody can run its jobs.
    ///
    /// # Errors
    ///
    /// A411 for a schedule that cannot be: its expression, zone, queue or jitter; A412 when two have one name; A413 when no
    /// handler is for its kind of job.
    pub fn new(schedules: Vec<Schedule>, handlers: Handlers) -> Result<Self, Diagnostic> {
        let mut kinds = HashMap::new();
        for schedule in &schedules {
            let name = schedule.name();
            let record = schedule.record(Time::UNIX_EPOCH);
            let record = record.map_err(|error| impossible(name, &error))?;
            if let Some(other) = kinds.insert(name.to_owned(), record.kind.clone()) {
                return Err(twice(name, &other, &record.kind));
            }
            if handlers.get(&record.kind).is_none() {
                return Err(nobody(name, &record.kind, &handlers));
            }
        }
        Ok(Self(Arc::new(schedules)))
    }

    /// All of them, in the order in which they were contributed.
    pub fn iter(&self) -> impl Iterator<Item = &Schedule> {
        self.0.iter()
    }

    /// Says whether the code declares a schedule of this name.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.iter().any(|it| it.name() == name)
    }
}

/// What to say of a kind that no handler is for.
pub(super) fn hint(kind: &str, handlers: &Handlers) -> String {
    let (plain, _) = handler::split(kind);
    let known: Vec<&str> = handlers.iter().map(|it| it.kind()).collect();
    match name::closest(plain, known.iter().copied()) {
        Some(near) if near != plain => format!("did you mean `{near}`?"),
        Some(_) => "its handler reads older payloads only".to_owned(),
        None if known.is_empty() => "there is no handler at all".to_owned(),
        None => format!("there are handlers for `{}`", known.join("`, `")),
    }
}

fn impossible(name: &str, error: &Error) -> Diagnostic {
    Diagnostic::new("A411", error.to_string())
        .place(format!("the schedule `{name}`"))
        .help("for example `Schedule::cron(\"nightly\", \"0 3 * * *\", || Nightly).zone(\"Europe/Berlin\")`: every day at 03:00")
}

fn twice(name: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::new("A412", format!("two schedules are named `{name}`"))
        .place(format!("those that enqueue `{first}` and `{second}`"))
        .help("give one of them another name, or contribute only one of them")
}

fn nobody(name: &str, kind: &str, handlers: &Handlers) -> Diagnostic {
    Diagnostic::new(
        "A413",
        format!("no handler is for `{kind}`, which the schedule `{name}` enqueues"),
    )
    .place(format!("the schedule `{name}`"))
    .help(hint(kind, handlers))
    .help("contribute the handler of this job: `.contribute(handler(…))`")
}
