//! What every command about jobs works with.

use std::sync::Arc;

use atlas_core::{Actor, scope};
use atlas_jobs::{
    Enqueue, Error, Handlers, Jobs, JobsConfig, Schedules,
    store::{By, Enqueued, Store},
};
use clap::{Arg, ArgAction, ArgMatches};

use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

const USAGE: u8 = 2;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;

/// The store of the service's jobs, and who is at it.
pub(in super::super) struct Parts<'a> {
    pub(in super::super) invocation: &'a Invocation,
    pub(in super::super) store: Arc<dyn Store>,
    pub(in super::super) config: JobsConfig,
    pub(in super::super) by: By,
    pub(in super::super) jobs: Jobs,
    pub(in super::super) schedules: Schedules,
    /// The kinds that this build has handlers for.
    pub(in super::super) kinds: Vec<String>,
}

impl<'a> Parts<'a> {
    /// Builds what the store needs and nothing else.
    pub(in super::super) async fn of(
        invocation: &'a Invocation,
        matches: &ArgMatches,
    ) -> Result<Self, Failure> {
        let app = invocation.valid_app().await?;
        let name = app.name();
        if !app.provides::<JobsConfig>() {
            return Err(Failure::new(format!("`{name}` has no jobs"))
                .help("add `.module(atlas::jobs::module())` to the app"));
        }
        let (store, jobs, schedules, config, handlers) = app
            .resolve::<(Arc<dyn Store>, Jobs, Schedules, JobsConfig, Handlers)>()
            .await?;
        if !store.features().shared {
            return Err(Failure::new(format!(
                "the jobs of `{name}` are kept in the memory of the process that runs them, and this is another one"
            ))
            .help("keep them where commands can see them: `jobs.store = \"database\"`, or `\"redis\"`"));
        }
        store.prepare().await.map_err(failed)?;
        let why = matches.try_get_one::<String>("why").ok().flatten();
        let by = By {
            actor: format!("cli:{}", person()),
            why: why.cloned(),
        };
        Ok(Self {
            invocation,
            store,
            config,
            by,
            jobs,
            schedules,
            kinds: handlers.kinds(),
        })
    }
}

/// A failure of the store or of what it was asked for, with the exit code that scripts tell it by.
pub(in super::super) fn failed(error: Error) -> Failure {
    let exit = match &error {
        Error::Unavailable(_) => UNAVAILABLE,
        Error::TooLarge { .. } => DATA,
        Error::Invalid(_) | Error::Unsupported { .. } => USAGE,
        _ => 1,
    };
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        let words = cause.to_string();
        // many errors repeat their source in their own text
        if !text.contains(&words) {
            text.push_str(&format!("\n   = cause: {words}"));
        }
        source = cause.source();
    }
    let failure = Failure::new(text).exit(exit);
    match error {
        Error::Unavailable(_) => {
            failure.help("nothing is known of what it did; look with `jobs list`")
        }
        Error::Refused(_) => {
            failure.help("are its tables there? `migrate status` says so, `migrate up` makes them")
        }
        Error::NoSuchJob(_) => failure.help(
            "finished ones are dropped after a while: `jobs.keep_completed` and its likes say when",
        ),
        Error::NoSuchSchedule(_) => failure.help("`schedule list` shows all of them"),
        _ => failure,
    }
}

/// What was asked for cannot be: exit code 2.
pub(in super::super) fn refused(text: impl Into<String>) -> Failure {
    Failure::new(text).exit(USAGE)
}

/// Whoever calls this program: `anna@host`.
fn person() -> String {
    let named = |variables: &[&str]| {
        let values = variables.iter().filter_map(|name| std::env::var(name).ok());
        values.into_iter().find(|value| !value.is_empty())
    };
    let user = named(&["USER", "LOGNAME", "USERNAME"]);
    let host = named(&["HOSTNAME", "COMPUTERNAME"]).or_else(|| {
        let name = std::fs::read_to_string("/etc/hostname").ok()?;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    });
    format!(
        "{}@{}",
        user.as_deref().unwrap_or("unknown"),
        host.as_deref().unwrap_or("localhost")
    )
}

/// `--why TEXT`, for what the audit keeps.
pub(in super::super) fn why() -> Arg {
    Arg::new("why")
        .long("why")
        .value_name("TEXT")
        .help("The reason, for the audit")
}

/// `--yes`.
pub(in super::super) fn yes() -> Arg {
    Arg::new("yes")
        .long("yes")
        .action(ArgAction::SetTrue)
        .help("Does it without asking")
}

impl Parts<'_> {
    /// Asks before something that cannot be had back, unless `--yes` was said.
    pub(in super::super) fn consent(
        &self,
        matches: &ArgMatches,
        what: &str,
    ) -> Result<(), Failure> {
        if matches.get_flag("yes") {
            return Ok(());
        }
        match self
            .invocation
            .printer
            .ask(&format!("{what} Go on? [y/N] "))
        {
            Some(answer) if ["y", "yes"].contains(&answer.to_ascii_lowercase().as_str()) => Ok(()),
            Some(_) => Err(Failure::new("nothing was changed")),
            None => Err(refused(format!("{what} Nothing was changed"))
                .help("say `--yes` where nobody can be asked")),
        }
    }

    /// Enqueues a job for whoever calls this program.
    pub(in super::super) async fn acting(&self, job: Enqueue<'_>) -> Result<Enqueued, Failure> {
        let enqueued = scope::enter(async {
            Actor::new(self.by.actor.as_str()).act();
            job.await
        });
        enqueued.await.map_err(failed)
    }
}
