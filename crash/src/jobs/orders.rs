//! A process that places orders, each with its job in one transaction.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use atlas_db::{Db, sql};
use atlas_jobs::{JobId, Jobs};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::{
    place::{open, store},
    work::{Work, client},
};
use crate::{
    Failing, Ledger,
    failpoint::{reach, reach_within},
};

/// How a process places orders.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Orders {
    /// What decides everything random of it.
    pub seed: u64,
    /// How many of a hundred it takes back, so that their transactions are rolled back.
    pub taken_back: u64,
    /// How long it holds the first one before it commits, in milliseconds.
    pub held: u64,
    /// How long it rests between two at most, in milliseconds.
    pub rest: u64,
}

/// Places one order after the other until the process dies: a row of `orders`, which nothing keeps from being there twice, and
/// a job of its name.
///
/// The ledger says `ordered` when the transaction has begun, `enqueued` when both are in it, `commit` before it is told to
/// commit, and then `committed` or what else became of it. The process can die at the steps `commit.before`,
/// `commit.during` and `commit.after`.
///
/// # Errors
///
/// When it cannot begin.
pub async fn order(url: &str, effects: &str, folder: &Path, how: Orders) -> Result<()> {
    let db = open(effects)?;
    let jobs = client(Arc::new(Failing(store(url, &db)?)));
    let ledger = Ledger::open(folder)?;
    let mut random = fastrand::Rng::with_seed(how.seed);
    let mut is_first = true;
    loop {
        let order = Order {
            id: JobId::generate(),
            lasts: Duration::from_millis(if is_first { how.held } else { random.u64(..10) }),
            is_taken_back: !is_first && random.u64(..100) < how.taken_back,
            commits_within: Duration::from_micros(random.u64(..1500)),
        };
        let ended = order.place(&db, &jobs, &ledger).await;
        // one that lost against another transaction did not hold anything
        is_first &= ended.is_err();
        sleep(Duration::from_millis(random.u64(..=how.rest))).await;
    }
}

struct Order {
    id: JobId,
    lasts: Duration,
    is_taken_back: bool,
    /// Where in its commit its process dies, if it does.
    commits_within: Duration,
}

impl Order {
    async fn place(&self, db: &Db, jobs: &Jobs, ledger: &Ledger) -> Result<()> {
        let id = self.id.to_string();
        let write = |what: &str, note: &str| ledger.write(what, &id, 0, 0, note);
        let ended = db.transaction(|| async {
            write("ordered", "");
            let insert = sql("INSERT INTO orders (job) VALUES (?)").bind(&*id);
            insert.execute(db).await?;
            jobs.enqueue(Work::default()).id(self.id).await?;
            write("enqueued", "");
            sleep(self.lasts).await;
            if self.is_taken_back {
                bail!("taken back");
            }
            write("commit", "");
            reach("commit.before");
            reach_within("commit.during", self.commits_within);
            Ok(())
        });
        let ended = ended.await;
        match &ended {
            Ok(()) => {
                reach("commit.after");
                write("committed", "");
            }
            Err(error) => write("rolled back", &format!("{error:#}")),
        }
        ended
    }
}
