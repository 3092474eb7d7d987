//! Readers and writers that go on whatever happens, and what must be true of what they wrote.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use atlas_db::{
    Db, Error,
    sea_orm::{ConnectionTrait, Statement},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::support::value;

/// What two accounts have together, however often something moves between them.
const TOTAL: i64 = 1000;

/// Readers and writers at work.
pub(super) struct Load {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    next: AtomicI64,
    reads: AtomicU64,
    writes: AtomicU64,
    failures: AtomicU64,
    /// What was answered with success, and so must be there.
    confirmed: Mutex<BTreeSet<i64>>,
    /// Errors that say nothing a caller could act on.
    strange: Mutex<Vec<String>>,
}

/// Makes the tables.
pub(super) async fn prepare(db: &Db) {
    let text = format!(
        "CREATE TABLE accounts (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL); \
         CREATE TABLE transfers (id BIGINT NOT NULL PRIMARY KEY); \
         INSERT INTO accounts VALUES (1, {TOTAL}), (2, 0)"
    );
    db.execute_unprepared(&text).await.unwrap();
}

impl Load {
    /// Starts readers and writers.
    pub(super) fn start(db: &Db, readers: usize, writers: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let reading = (0..readers).map(|_| tokio::spawn(read(db.clone(), Arc::clone(&shared))));
        let writing = (0..writers).map(|_| tokio::spawn(transfer(db.clone(), Arc::clone(&shared))));
        let tasks = reading.chain(writing).collect();
        Self { shared, tasks }
    }

    /// How many failed so far.
    pub(super) fn failures(&self) -> u64 {
        self.shared.failures.load(Ordering::Relaxed)
    }

    /// Waits until so many more reads and writes have succeeded.
    pub(super) async fn go_on(&self, reads: u64, writes: u64) {
        let read = self.shared.reads.load(Ordering::Relaxed) + reads;
        let written = self.shared.writes.load(Ordering::Relaxed) + writes;
        let patience = Instant::now() + Duration::from_secs(60);
        while self.shared.reads.load(Ordering::Relaxed) < read
            || self.shared.writes.load(Ordering::Relaxed) < written
        {
            assert!(
                Instant::now() < patience,
                "readers or writers do not recover: {:?}",
                self.shared.strange.lock().unwrap()
            );
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops, and checks that nothing confirmed is missing, nothing is there by half, and no error was a riddle.
    pub(super) async fn finish(self, db: &Db) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        let strange = self.shared.strange.lock().unwrap().clone();
        assert_eq!(strange, [] as [String; 0]);

        let total = value(db, "SELECT CAST(sum(amount) AS CHAR(20)) FROM accounts").await;
        assert_eq!(total.trim(), TOTAL.to_string(), "money was made or lost");
        let moved = value(db, "SELECT amount FROM accounts WHERE id = 2").await;
        let recorded = value(db, "SELECT count(*) FROM transfers").await;
        assert_eq!(moved, recorded, "a transfer was made by half");
        let list = Statement::from_string(db.get_database_backend(), "SELECT id FROM transfers");
        let rows = db.query_all_raw(list).await.unwrap();
        let there: BTreeSet<i64> = rows
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        let confirmed = self.shared.confirmed.lock().unwrap().clone();
        let lost: Vec<_> = confirmed.difference(&there).collect();
        assert!(lost.is_empty(), "confirmed and gone: {lost:?}");
        assert!(!confirmed.is_empty());
    }
}

impl Shared {
    /// Counts a failure; it must say what a caller can act on.
    async fn failed(&self, error: Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let told = error.is_transient()
            || error.is_connection_lost()
            || error.is_commit_unknown()
            || error.is_overdue();
        if !told {
            self.strange.lock().unwrap().push(error.to_string());
        }
        sleep(Duration::from_millis(10)).await;
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

async fn read(db: Db, shared: Arc<Shared>) {
    let sql = "SELECT amount FROM accounts WHERE id = 1";
    while shared.goes_on() {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        match db.query_one_raw(statement).await {
            Ok(row) => {
                assert!(row.is_some());
                shared.reads.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => shared.failed(error.into()).await,
        }
    }
}

async fn transfer(db: Db, shared: Arc<Shared>) {
    while shared.goes_on() {
        let id = shared.next.fetch_add(1, Ordering::Relaxed);
        let moved: Result<(), Error> = db
            .transaction(|| async {
                for sql in [
                    "UPDATE accounts SET amount = amount - 1 WHERE id = 1".to_owned(),
                    "UPDATE accounts SET amount = amount + 1 WHERE id = 2".to_owned(),
                    format!("INSERT INTO transfers VALUES ({id})"),
                ] {
                    db.execute_unprepared(&sql).await?;
                }
                Ok(())
            })
            .await;
        match moved {
            Ok(()) => {
                shared.confirmed.lock().unwrap().insert(id);
                shared.writes.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => shared.failed(error).await,
        }
    }
}
