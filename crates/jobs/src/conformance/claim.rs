//! What goes out.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::{
    Harness,
    bench::{Bench, KIND, LONG, QUEUE, claim, claim_of, delayed, job, sorted},
};
use crate::{
    JobId, State, Time,
    clock::later,
    store::{End, NewJob},
};

/// A claim starts a job: it runs, under a lease, as its first attempt.
pub async fn a_claim_starts_a_job(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let waiting = bench.job(id).await;
    let before = bench.now().await;
    let claimed = bench.claim(&claim(1, LONG)).await;
    let after = bench.now().await;
    let now = claimed.now.expect("a claim tells the time");
    assert!(before <= now && now <= after, "{before} {now} {after}");
    let job = &claimed.jobs[0];
    assert_eq!((job.id, job.state), (id, State::Running));
    assert_eq!((job.attempt, job.fence), (1, waiting.fence + 1));
    assert_eq!(job.worker.as_deref(), Some("worker-1"));
    let started = job.started_at.expect("it has begun");
    assert!(before <= started && started <= after);
    let until = job.lease_until.expect("it has a lease");
    assert!(later(before, LONG) <= until && until <= later(after, LONG));
    assert_eq!(bench.job(id).await, *job, "what is told is what is kept");
    assert!(bench.take(1).await.is_empty(), "it is taken");
}

/// An empty store gives nothing, and nothing is due.
pub async fn an_empty_store_gives_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let claimed = bench.claim(&claim(10, LONG)).await;
    assert!(claimed.jobs.is_empty());
    assert_eq!(claimed.next_due, None);
    assert!(claimed.now.is_some());
    let nothing = claim_of(&[], &[], 10, LONG);
    assert!(bench.claim(&nothing).await.jobs.is_empty());
}

/// No job goes to two workers, and none is lost, however many claim at a time.
pub async fn no_job_goes_to_two_workers(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let ids = bench.add_many(400).await;
    let taken = bench
        .race(8, |index, store| async move {
            let mut asks = claim(7, LONG);
            asks.worker = format!("worker-{index}");
            let (mut taken, mut idle) = (Vec::new(), 0);
            // what others are about to take may hide a job from one look, never from all
            while idle < 20 {
                let jobs = store.claim(&asks).await.expect("a claim is answered").jobs;
                idle = if jobs.is_empty() { idle + 1 } else { 0 };
                assert!(jobs.len() <= 7);
                for job in jobs {
                    assert_eq!((job.attempt, job.fence), (1, 1));
                    assert_eq!(job.worker.as_deref(), Some(asks.worker.as_str()));
                    taken.push(job.id);
                }
            }
            taken
        })
        .await;
    let taken: Vec<JobId> = taken.into_iter().flatten().collect();
    let distinct: HashSet<_> = taken.iter().collect();
    assert_eq!(distinct.len(), taken.len(), "a job went to two workers");
    assert!(sorted(taken) == sorted(ids), "a job went to nobody");
}

/// Jobs are claimed and finished at once by many, and every one of them is completed at its first attempt.
pub async fn every_job_is_done_once_by_many_workers(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let ids = bench.add_many(200).await;
    let done = bench
        .race(6, |_, store| async move {
            let (mut done, mut idle) = (0, 0);
            while idle < 20 {
                let jobs = store.claim(&claim(3, LONG)).await.expect("an answer").jobs;
                idle = if jobs.is_empty() { idle + 1 } else { 0 };
                let ends: Vec<_> = jobs
                    .iter()
                    .map(|job| super::bench::finish(job, End::Done))
                    .collect();
                let verdicts = store.finish(&ends).await.expect("ends are taken");
                assert!(
                    verdicts
                        .iter()
                        .all(|it| *it == crate::store::Verdict::Applied)
                );
                done += verdicts.len();
            }
            done
        })
        .await;
    assert_eq!(done.iter().sum::<usize>(), ids.len());
    for job in bench.list(&Default::default()).await {
        assert_eq!((job.state, job.attempt), (State::Completed, 1));
    }
}

/// Kinds that a worker does not know are left to one that does, also those of newer payloads.
pub async fn kinds_that_a_worker_does_not_know_are_left(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let of_kind = |kind: &str| NewJob {
        kind: kind.to_owned(),
        ..job()
    };
    for kind in ["other", "work@2", "worker", "wor"] {
        let others = (0..30).map(|_| of_kind(kind)).collect();
        bench.enqueue(others).await;
    }
    assert!(bench.take(10).await.is_empty());
    let known = bench.add(job()).await;
    let taken = bench.take(10).await;
    assert_eq!(taken.iter().map(|job| job.id).collect::<Vec<_>>(), [known]);
    let newer = claim_of(&[KIND, "work@2"], &[(QUEUE, 100)], 100, LONG);
    let taken = bench.claim(&newer).await.jobs;
    assert_eq!(taken.len(), 30);
    assert!(taken.iter().all(|job| job.kind == "work@2"));
}

/// Only the queues that are asked give jobs.
pub async fn only_the_queues_that_are_asked_give(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for queue in ["mail", "mail-eu", "mai"] {
        let queue = queue.to_owned();
        bench.add(NewJob { queue, ..job() }).await;
    }
    assert!(bench.take(10).await.is_empty());
    let mail = claim_of(&[KIND], &[("mail", 10)], 10, LONG);
    let taken = bench.claim(&mail).await.jobs;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].queue, "mail");
}

/// Each queue gives its share first; what is left is taken in the order of the queues.
pub async fn each_queue_gives_its_share_first(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for (queue, count) in [("critical", 10), ("bulk", 10), ("rare", 1)] {
        let jobs = (0..count).map(|_| NewJob {
            queue: queue.to_owned(),
            ..job()
        });
        bench.enqueue(jobs.collect()).await;
    }
    let asks = async |shares: &[(&str, usize)], total: usize| {
        let taken = bench.claim(&claim_of(&[KIND], shares, total, LONG)).await;
        let of = |queue| taken.jobs.iter().filter(|job| job.queue == queue).count();
        [of("critical"), of("bulk"), of("rare")]
    };
    let shares = [("critical", 3), ("bulk", 1)];
    assert_eq!(asks(&shares, 4).await, [3, 1, 0], "to the job");
    assert_eq!(asks(&shares, 2).await, [2, 0, 0], "not more than in all");
    // the share of `rare` that it cannot fill goes to the first
    let shares = [("critical", 1), ("bulk", 1), ("rare", 3)];
    assert_eq!(asks(&shares, 5).await, [3, 1, 1]);
    assert_eq!(asks(&[("bulk", 0)], 2).await, [0, 2, 0], "a share of none");
    assert_eq!(asks(&shares, 100).await, [2, 6, 0], "all that is left");
}

/// Who asks for none gets none, and whoever asks for one gets one.
pub async fn a_claim_takes_no_more_than_it_asks_for(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add_many(5).await;
    assert!(bench.take(0).await.is_empty());
    assert_eq!(bench.take(1).await.len(), 1);
    assert_eq!(bench.take(3).await.len(), 3);
    assert_eq!(bench.take(1_000).await.len(), 1);
}

/// A job is never started before its time, and not forgotten after it.
pub async fn a_job_is_never_started_before_its_time(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let before = bench.now().await;
    let waits = (0..100).map(|index| Duration::from_millis(index * 7 + 1));
    let jobs: Vec<(NewJob, Duration)> = waits.map(|wait| (delayed(wait), wait)).collect();
    let due = jobs
        .iter()
        .map(|(job, wait)| (job.id, later(before, *wait)));
    let due: HashMap<JobId, Time> = due.collect();
    bench
        .enqueue(jobs.into_iter().map(|(job, _)| job).collect())
        .await;
    let mut started = 0;
    bench
        .until("all delayed jobs", async || {
            let claimed = bench.claim(&claim(1_000, LONG)).await;
            let now = claimed.now.expect("a claim tells the time");
            for job in &claimed.jobs {
                assert!(due[&job.id] <= now, "due {}, started {now}", due[&job.id]);
                assert!(due[&job.id] <= job.run_at && job.run_at <= now);
                assert!(job.started_at >= Some(job.run_at));
            }
            started += claimed.jobs.len();
            (started == 100).then_some(())
        })
        .await;
}

/// A claim says how long it is until the next job is due.
pub async fn a_claim_says_when_the_next_job_is_due(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let minute = Duration::from_secs(60);
    bench
        .enqueue(vec![delayed(LONG), delayed(minute), delayed(LONG)])
        .await;
    let elsewhere = NewJob {
        queue: "elsewhere".to_owned(),
        ..delayed(Duration::from_secs(20))
    };
    bench.add(elsewhere).await;
    let due = bench.claim(&claim(1, LONG)).await.next_due;
    let due = due.expect("a job waits for its time");
    assert!(due <= minute && due > Duration::from_secs(20), "{due:?}");
}

/// Each claim of a job has a higher fence than the one before, whatever happened in between.
pub async fn each_claim_has_a_higher_fence(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let mut last = 0;
    for end in [
        End::Retry(Duration::ZERO),
        End::Snooze(Duration::ZERO),
        End::HandBack,
        End::Dead(crate::Reason::Failed),
        End::Cancelled(String::new()),
    ] {
        let job = bench.take_one(LONG).await;
        assert!(job.fence > last, "{end:?}");
        last = job.fence;
        bench.end(&job, end).await;
        if bench.state(id).await.is_terminal() {
            let by = super::bench::by();
            bench
                .store
                .retry(id, &by)
                .await
                .expect("it is brought back");
        }
    }
    assert!(bench.take_one(LONG).await.fence > last);
}
