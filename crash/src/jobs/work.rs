//! The job that the processes of a case run.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use atlas_db::{Db, sql};
use atlas_jobs::{Handler, Job, Jobs, Limit, Options, Run, store::Store};
use serde::{Deserialize, Serialize};

use super::program;
use crate::{Ledger, failpoint::reach};

/// A job that takes its time and leaves an effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// How long it takes, in milliseconds.
    pub millis: u64,
    /// How much longer its first run takes, in milliseconds.
    pub first: u64,
    /// Its effect and its completion are one transaction.
    pub whole: bool,
    /// It keeps its thread busy all that time, and awaits nothing.
    pub spin: bool,
    /// It takes its process with it.
    pub poison: bool,
    /// How many attempts it has.
    pub attempts: u32,
    /// How many of its kind may run at a time, in all processes together; as many as there are places, if it is 0.
    pub at_once: u32,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            millis: 0,
            first: 0,
            whole: false,
            spin: false,
            poison: false,
            attempts: 20,
            at_once: 0,
        }
    }
}

impl Job for Work {
    const KIND: &'static str = "work";

    fn options(&self) -> Options {
        let options = Options::new().max_attempts(self.attempts);
        match self.at_once {
            0 => options,
            most => options.limit(Limit::key("work", most)),
        }
    }
}

/// The most jobs of one call: no server has to take more of them at once.
const CHUNK: usize = 2_000;

/// Enqueues jobs, thousands at a time.
///
/// # Errors
///
/// When the store refuses.
pub async fn enqueue<J: Job + Clone>(store: Arc<dyn Store>, jobs: Vec<J>) -> Result<()> {
    let client = client(store);
    for some in jobs.chunks(CHUNK) {
        client.enqueue_all(some.iter().cloned()).await?;
    }
    Ok(())
}

/// Whoever enqueues one by one.
#[must_use]
pub fn client(store: Arc<dyn Store>) -> Jobs {
    Jobs::new(store, Vec::new(), &program::config())
}

/// Runs it, and writes down what happens.
pub(super) fn handler(db: Db, folder: &Path) -> Result<Handler> {
    let ledger = Arc::new(Ledger::open(folder)?);
    Ok(Handler::of(move |run: Run<Work>| {
        let (db, ledger) = (db.clone(), Arc::clone(&ledger));
        async move { work(run, db, &ledger).await }
    }))
}

async fn work(run: Run<Work>, db: Db, ledger: &Ledger) -> Result<(), atlas_db::Error> {
    let (id, fence) = (run.id().to_string(), run.record().fence);
    let write = |what: &str, note: &str| ledger.write(what, &id, run.attempt(), fence, note);
    write("start", "");
    if run.poison {
        crate::failpoint::die();
    }
    if run.spin {
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(run.millis) {
            std::hint::spin_loop();
        }
    }
    let rest = match fence {
        _ if run.spin => 0,
        1 => run.millis + run.first,
        _ => run.millis,
    };
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(rest)) => {}
        () = run.cancelled().cancelled() => {
            write("told", "to end");
            return Err(atlas_db::sea_orm::DbErr::Custom("told to end".into()).into());
        }
    }
    reach("effect.before");
    let ended = match run.whole {
        true => {
            db.transaction(|| async {
                effect(&db, &id).await?;
                reach("effect.after");
                run.complete().await.map_err(|error| {
                    atlas_db::Error::from(atlas_db::sea_orm::DbErr::Custom(error.to_string()))
                })
            })
            .await
        }
        false => effect(&db, &id).await,
    };
    if !run.whole {
        reach("effect.after");
    }
    write("end", ended.as_ref().map_or("failed", |()| "done"));
    ended
}

async fn effect(db: &Db, id: &str) -> Result<(), atlas_db::Error> {
    let insert = sql("INSERT INTO effects (job) VALUES (?)").bind(id);
    insert.execute(db).await.map(drop)
}
