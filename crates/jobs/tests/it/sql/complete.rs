//! Handlers that complete their job in the transaction of what they write.

use std::{sync::Arc, time::Duration};

use atlas_core::BoxError;
use atlas_db::{Db, sea_orm::ConnectionTrait, sql};
use atlas_jobs::{
    Backoff, Handler, Handlers, Job, Jobs, JobsConfig, Options, Run, State, Worker, store::Store,
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{
    LONG,
    engines::{TestStore, on_every_store},
};

/// Books something. Its first transaction is rolled back.
#[derive(Serialize, Deserialize)]
struct Book {
    /// What the handler says after that.
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Then {
    /// That it failed.
    Fails,
    /// That all is well.
    Succeeds,
}

impl Job for Book {
    const KIND: &'static str = "book";

    fn options(&self) -> Options {
        Options::new().backoff(Backoff::fixed(Duration::from_millis(10)))
    }
}

async fn book(job: Run<Book>, db: Db) -> Result<(), BoxError> {
    let booked = db
        .transaction(|| async {
            let insert = sql("INSERT INTO effects (attempt) VALUES (?)").bind(job.attempt());
            insert.execute(&db).await?;
            job.complete().await?;
            match job.attempt() {
                1 => Err(BoxError::from("the card was refused")),
                _ => Ok(()),
            }
        })
        .await;
    match job.then {
        Then::Fails => booked,
        Then::Succeeds => Ok(()),
    }
}

/// Runs one job to its end.
async fn run(test: &TestStore, then: Then) -> atlas_jobs::JobRecord {
    let statement = "CREATE TABLE effects (attempt BIGINT)";
    test.db.execute_unprepared(statement).await.unwrap();
    let mut config = JobsConfig::for_tests();
    // nobody takes the job back while the test runs: what happens is not for want of a heartbeat
    config.lease = (LONG * 10).into();
    let store: Arc<dyn Store> = Arc::new(test.store.clone());
    let jobs = Jobs::new(Arc::clone(&store), Vec::new(), &config);
    let id = jobs.enqueue(Book { then }).await.unwrap().id();
    let db = test.db.clone();
    let handler = Handler::of(move |job: Run<Book>| book(job, db.clone()));
    let handlers = Handlers::new(vec![handler]).unwrap();
    let worker = Worker::new(store, handlers, Vec::new(), &config);
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone().cancelled_owned()));
    let completed = async {
        loop {
            let job = test.store.find(id).await.unwrap().unwrap();
            if job.state == State::Completed {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let job = tokio::time::timeout(LONG, completed).await;
    stop.cancel();
    working.await.unwrap().unwrap();
    job.expect("it is completed")
}

async fn effects(test: &TestStore) -> usize {
    let all = sql("SELECT attempt FROM effects").statement(&test.db);
    test.db.query_all_raw(all.unwrap()).await.unwrap().len()
}

on_every_store! {
    async fn a_completion_that_is_rolled_back_is_a_failure_and_the_next_attempt_counts(test: TestStore) {
        let job = run(test, Then::Fails).await;
        assert_eq!((job.attempt, job.crashes), (2, 0));
        let failures = test.store.failures(job.id).await.unwrap();
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].message, "the card was refused");
        assert_eq!(effects(test).await, 1, "that of the second attempt");
    }

    async fn after_a_rollback_the_answer_of_the_handler_counts(test: TestStore) {
        let job = run(test, Then::Succeeds).await;
        assert_eq!((job.attempt, job.crashes), (1, 0));
        assert_eq!(effects(test).await, 0);
    }
}
