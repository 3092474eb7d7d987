//! What a service says when it enqueues, and what the store gets.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{
    Error, Job, JobId, JobMetrics, Jobs, JobsConfig, MemoryStore, Middleware, OnConflict, Options,
    Priority, State, Unique,
    store::{Enqueued, NewJob, Store},
};
use atlas_telemetry::Metrics;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Mail {
    to: String,
}

impl Job for Mail {
    const KIND: &'static str = "mail";
    const VERSION: u16 = 2;

    fn options(&self) -> Options {
        Options::new()
            .queue("post")
            .max_attempts(3)
            .unique(&self.to)
    }
}

fn mail(to: &str) -> Mail {
    Mail { to: to.to_owned() }
}

fn jobs_with(middleware: Vec<Arc<dyn Middleware>>) -> (Jobs, Arc<dyn Store>) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let jobs = Jobs::new(Arc::clone(&store), middleware, &JobsConfig::for_tests());
    (jobs, store)
}

#[tokio::test]
async fn a_job_is_kept_as_it_says_itself() {
    let (jobs, store) = jobs_with(Vec::new());
    let enqueued = jobs.enqueue(mail("anna")).await.unwrap();
    let record = store.find(enqueued.id()).await.unwrap().unwrap();
    assert_eq!(
        (record.kind.as_str(), record.queue.as_str()),
        ("mail@2", "post")
    );
    assert_eq!((record.state, record.max_attempts), (State::Available, 3));
    assert_eq!(record.unique_key.as_deref(), Some("mail:anna"));
    assert_eq!(record.payload, br#"{"to":"anna"}"#);
}

#[tokio::test]
async fn whoever_enqueues_overrides_what_the_job_says() {
    let (jobs, store) = jobs_with(Vec::new());
    let enqueued = jobs
        .enqueue(mail("anna"))
        .options(Options::new().max_attempts(9))
        .queue("slow")
        .priority(Priority::LOW)
        .after(Duration::from_secs(60))
        .await
        .unwrap();
    let record = store.find(enqueued.id()).await.unwrap().unwrap();
    assert_eq!((record.queue.as_str(), record.max_attempts), ("slow", 9));
    assert_eq!(
        (record.state, record.priority),
        (State::Scheduled, Priority::LOW)
    );
    assert_eq!((record.run_at - record.created_at).num_seconds(), 60);
    assert!(record.unique_key.is_some(), "what is not said stays");
}

#[tokio::test]
async fn the_same_name_twice_is_one_job() {
    let (jobs, _) = jobs_with(Vec::new());
    let id = JobId::generate();
    let first = jobs.enqueue(mail("anna")).id(id).await.unwrap();
    let again = jobs.enqueue(mail("anna")).id(id).await.unwrap();
    assert_eq!(first, Enqueued::New(id, State::Available));
    assert_eq!(again, Enqueued::Existing(id));
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_and_not_kept() {
    let (jobs, store) = jobs_with(Vec::new());
    let error = jobs.enqueue(mail(&"a".repeat(2 << 20))).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("1048576"), "{error}");

    let error = jobs
        .enqueue(mail("anna"))
        .queue("No Queue")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`No Queue`"), "{error}");

    let error = jobs.enqueue(mail(&"a".repeat(300))).await.unwrap_err();
    assert!(error.to_string().contains("255"), "{error}");

    let error = jobs
        .enqueue_raw("Not A Kind", Vec::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`Not A Kind`"), "{error}");

    let stats = store.stats(true).await.unwrap();
    assert!(
        stats
            .queues
            .values()
            .all(|it| it.jobs.values().all(|it| *it == 0))
    );
}

#[tokio::test]
async fn many_are_enqueued_in_one_call_or_none() {
    let (jobs, store) = jobs_with(Vec::new());
    let names = (0..100).map(|it| mail(&it.to_string()));
    assert_eq!(jobs.enqueue_all(names).await.unwrap().len(), 100);
    let bad = [mail("fine"), mail(&"a".repeat(2 << 20))];
    assert!(jobs.enqueue_all(bad).await.is_err());
    let stats = store.stats(false).await.unwrap();
    assert_eq!(stats.queues["post"].jobs[&State::Available], 100);
}

struct Stamp(&'static str);

#[atlas_jobs::async_trait]
impl Middleware for Stamp {
    async fn enqueue(&self, job: &mut NewJob) -> atlas_jobs::Result<()> {
        let schedule = job.schedule.take().unwrap_or_default();
        job.schedule = Some(schedule + self.0);
        Ok(())
    }
}

struct Refuse;

#[atlas_jobs::async_trait]
impl Middleware for Refuse {
    async fn enqueue(&self, job: &mut NewJob) -> atlas_jobs::Result<()> {
        match job.queue.as_str() {
            "panic" => unreachable!("the hook has a fault"),
            _ => Err(Error::Vetoed("not today".to_owned())),
        }
    }
}

#[tokio::test]
async fn hooks_stand_around_enqueueing_in_their_order() {
    let (jobs, store) = jobs_with(vec![Arc::new(Stamp("a")), Arc::new(Stamp("b"))]);
    let enqueued = jobs.enqueue(mail("anna")).await.unwrap();
    let record = store.find(enqueued.id()).await.unwrap().unwrap();
    assert_eq!(record.schedule.as_deref(), Some("ab"));
}

#[tokio::test]
async fn a_hook_may_refuse_a_job_and_one_that_panics_does() {
    let (jobs, store) = jobs_with(vec![Arc::new(Refuse)]);
    let error = jobs.enqueue(mail("anna")).await.unwrap_err();
    assert_eq!(error.to_string(), "the job was refused: not today");
    let error = jobs.enqueue(mail("anna")).queue("panic").await.unwrap_err();
    assert!(
        error.to_string().contains("the hook has a fault"),
        "{error}"
    );
    assert!(store.stats(true).await.unwrap().queues.is_empty());
}

#[tokio::test]
async fn what_is_enqueued_is_counted_by_what_became_of_it() {
    let metrics = JobMetrics::new();
    let (jobs, _) = jobs_with(vec![Arc::new(Refuse)]);
    let refusing = jobs.metrics(metrics.clone());
    let (jobs, _) = jobs_with(Vec::new());
    let jobs = jobs.metrics(metrics.clone());
    jobs.enqueue(mail("anna")).await.unwrap();
    jobs.enqueue(mail("anna")).await.unwrap();
    let again = Unique::key("anna").on_conflict(OnConflict::Replace);
    let again = Options::new().unique_by(again);
    jobs.enqueue(mail("anna")).options(again).await.unwrap();
    jobs.enqueue_all([mail("bert"), mail("anna"), mail("carla")])
        .await
        .unwrap();
    refusing.enqueue(mail("anna")).await.unwrap_err();
    jobs.enqueue(mail("anna"))
        .queue("No Queue")
        .await
        .unwrap_err();
    jobs.enqueue_raw("Not A Kind", Vec::new())
        .await
        .unwrap_err();
    let text = Metrics::new(vec![Arc::new(metrics)]).prometheus();
    for (labels, count) in [
        (r#"queue="post",kind="mail",outcome="added""#, 3),
        (r#"queue="post",kind="mail",outcome="existing""#, 2),
        (r#"queue="post",kind="mail",outcome="changed""#, 1),
        (r#"queue="post",kind="mail",outcome="failed""#, 1),
        (r#"queue="_OTHER",kind="mail",outcome="failed""#, 1),
        (r#"queue="default",kind="_OTHER",outcome="failed""#, 1),
    ] {
        let line = format!("atlas_jobs_enqueued_total{{{labels}}} {count}");
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    assert!(!text.contains("No Queue") && !text.contains("Not A Kind"));
}
