//! J10, J34: servers that are restarted and killed.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use atlas_jobs::{JobId, State, store::Enqueued};
use crash::jobs::{Work, client};
use tokio::{task::block_in_place, time::sleep};

use super::{
    case::{Case, on_every_store},
    load::Load,
};

/// How soon workers have to be at work again when their server is back.
const BACK: Duration = Duration::from_secs(10);
/// The pools of a worker process: of its jobs, of its heartbeats, and the connection that listens where there is one.
const POOLS: usize = 3;

on_every_store! {
    on a server
    /// J10: what was acknowledged is there and done, and workers are back by themselves.
    async fn what_was_acknowledged_outlives_its_server(case: Case) {
        let _workers = [case.worker(), case.worker()];
        let job = Work { millis: 5, ..Work::default() };
        let load = Load::start(Arc::clone(&case.store), job);
        for graceful in [true, false] {
            let done = done(case);
            case.eventually("the workers work", async || self::done(case) >= done + 5).await;
            sleep(Duration::from_millis(case.below(200))).await;
            let up = block_in_place(|| {
                match graceful {
                    true => case.server().stop(),
                    false => case.server().kill(),
                }
                case.server().start_again().unwrap();
                now()
            });
            let first = || case.lines().into_iter().find(|it| it.at > up && it.note == "done");
            case.eventually("the workers are back", async || first().is_some()).await;
            let took = Duration::from_micros(first().unwrap().at - up);
            assert!(took <= BACK, "the workers were back after {took:?}\n{}", case.logs());
        }
        let (acknowledged, _) = load.end().await;
        let verdict = case.verdict(acknowledged).await;
        for job in &verdict.jobs {
            assert_eq!(job.state, State::Completed, "{job:?}");
        }
    }
}

on_every_store! {
    once on a server
    /// J10: a server that is away is asked at most twice a second by each pool.
    async fn a_server_that_is_away_is_not_hammered(case: Case) {
        let proxy = case.proxy().await;
        let _worker = case.worker_through(&proxy);
        case.enqueue(vec![Work::default(); 5]).await;
        case.written("end", 5).await;
        block_in_place(|| case.server().kill());
        let (before, began) = (proxy.connections(), Instant::now());
        sleep(Duration::from_secs(5)).await;
        let attempts = proxy.connections() - before;
        // each pool may try once at once
        let bound = POOLS as f64 * (1.0 + 2.0 * began.elapsed().as_secs_f64());
        assert!(attempts > 0, "nobody asked");
        assert!(
            attempts as f64 <= bound,
            "{attempts} attempts, {bound} are allowed"
        );
        case.start_again().await;
        case.enqueue(vec![Work::default(); 5]).await;
        case.verdict(10).await;
    }
}

on_every_store! {
    on a server
    /// J34: an enqueue whose answer was lost with the server is repeated under its id, and the job is there once. Each answer
    /// of the server on the way is the one that is lost.
    async fn an_enqueue_whose_answer_was_lost_is_repeated_and_there_once(case: Case) {
        let proxy = case.proxy().await;
        let jobs = client(case.store_through(&proxy));
        // the connection is there; what follows is the enqueue alone
        jobs.enqueue(Work::default()).await.unwrap();
        let (mut enqueued, mut unheard) = (1, 0);
        for round in 0..20 {
            let id = JobId::generate();
            proxy.withhold_after(round % 5);
            let call = tokio::spawn({
                let jobs = jobs.clone();
                async move { jobs.enqueue(Work::default()).id(id).await }
            });
            case.eventually("an answer is lost, or none was left to lose", async || {
                proxy.has_withheld() || call.is_finished()
            })
            .await;
            let is_there = case.store.find(id).await.unwrap().is_some();
            let is_unheard = is_there && proxy.has_withheld();
            if is_unheard {
                block_in_place(|| case.server().kill());
            }
            proxy.cut();
            // what was lost may have been the answer to something else, such as a message to workers
            let was_heard = match call.await.unwrap() {
                Ok(_) => true,
                Err(error) => {
                    assert!(error.is_transient(), "{error:?}");
                    false
                }
            };
            if is_unheard {
                case.start_again().await;
            }
            let repeated = repeat(case, &jobs, id).await;
            assert!(!is_there || matches!(repeated, Enqueued::Existing(_)), "{repeated:?}");
            enqueued += 1;
            unheard += usize::from(is_unheard && !was_heard);
            if was_heard && unheard > 0 {
                break;
            }
        }
        assert!(unheard > 0, "no answer was lost that said that the job is there");
        let _worker = case.worker();
        let verdict = case.verdict(enqueued).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, verdict.effects_of(job)), (State::Completed, 1), "{job:?}");
        }
    }
}

/// Enqueues a job under its id until that is acknowledged.
async fn repeat(case: &Case, jobs: &atlas_jobs::Jobs, id: JobId) -> Enqueued {
    let answer = std::sync::Mutex::new(None);
    case.eventually("the job is acknowledged", async || {
        let result = jobs.enqueue(Work::default()).id(id).await;
        *answer.lock().unwrap() = result.ok();
        answer.lock().unwrap().is_some()
    })
    .await;
    answer.into_inner().unwrap().unwrap()
}

/// How many jobs were done.
fn done(case: &Case) -> usize {
    case.lines().iter().filter(|it| it.note == "done").count()
}

/// Microseconds since 1970, as in ledgers.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}
