//! What becomes of jobs.

use std::time::Duration;

use atlas_db::{Engine, sea_orm::ConnectionTrait, sql};
use atlas_jobs::{
    Error, Failure, FailureKind, JobId, Limit, OnConflict, Options, Priority, Reason, State, Until,
    store::{
        By, Edit, End, Enqueued, Filter, Finish, Fire, Lease, Misfire, Page, Pulse, Redrive, Run,
        ScheduleRecord, Share, Store, Tick, UniqueKey, Verdict,
    },
};

use super::{LONG, claim_of, end, engines::on_every_store, job, take};

fn unique(key: &str, until: Until, on_conflict: OnConflict) -> Option<UniqueKey> {
    Some(UniqueKey {
        key: format!("a:{key}"),
        until,
        on_conflict,
    })
}

fn ids(jobs: &[atlas_jobs::JobRecord]) -> Vec<JobId> {
    jobs.iter().map(|it| it.id).collect()
}

on_every_store! {
    async fn a_job_is_claimed_renewed_and_completed_once(test: TestStore) {
        let store = &test.store;
        store.prepare().await.unwrap();
        let mut new = job("a");
        new.payload = vec![0, 255, 7];
        new.timeout = Some(Duration::from_millis(1500));
        new.max_age = Some(Duration::from_secs(60));
        new.trace = Some("00-trace".into());
        new.actor = Some("user:1\0".into());
        new.schedule = Some("nightly".into());
        let id = new.id;
        let told = store.enqueue(vec![new.clone()]).await.unwrap();
        assert_eq!(told, [Enqueued::New(id, State::Available)]);
        assert_eq!(store.enqueue(vec![new]).await.unwrap(), [Enqueued::Existing(id)]);

        assert!(take(store, "b", 5).await.jobs.is_empty(), "another kind");
        let claimed = take(store, "a", 5).await;
        let [taken] = claimed.jobs.as_slice() else {
            panic!("{claimed:?}");
        };
        assert_eq!((taken.id, taken.state, taken.attempt, taken.fence), (id, State::Running, 1, 1));
        assert_eq!(taken.payload, [0, 255, 7]);
        assert_eq!(taken.timeout, Some(Duration::from_millis(1500)));
        let aged = taken.expires_at.unwrap() - taken.created_at;
        assert_eq!(aged.num_seconds(), 60);
        assert_eq!((taken.trace.as_deref(), taken.schedule.as_deref()), (Some("00-trace"), Some("nightly")));
        assert_eq!(taken.actor.as_deref(), Some("user:1\u{fffd}"));
        assert_eq!(taken.lease_until.unwrap() - taken.started_at.unwrap(), chrono::TimeDelta::from_std(LONG).unwrap());
        assert!(take(store, "a", 5).await.jobs.is_empty(), "it is taken");

        let lease = Lease { job: id, fence: 1 };
        let stale = Lease { job: id, fence: 0 };
        let pulses = store.renew(&[stale, lease], LONG * 2).await.unwrap();
        assert_eq!(pulses, [Pulse::Lost, Pulse::Kept]);
        assert_eq!(store.progress(lease, "{\"done\":1}").await.unwrap(), Verdict::Applied);
        assert_eq!(store.progress(stale, "{}").await.unwrap(), Verdict::Stale);

        let done = end(taken, End::Done);
        let late = Finish { lease: stale, ..done.clone() };
        assert_eq!(store.finish(&[late, done.clone()]).await.unwrap(), [Verdict::Stale, Verdict::Applied]);
        assert_eq!(store.finish(&[done]).await.unwrap(), [Verdict::Stale]);
        let found = store.find(id).await.unwrap().unwrap();
        assert_eq!((found.state, found.lease_until), (State::Completed, None));
        assert!(found.finished_at.is_some());
        assert_eq!(found.progress.as_deref(), Some("{\"done\":1}"));
        assert_eq!(store.renew(&[lease], LONG).await.unwrap(), [Pulse::Lost]);
        assert_eq!(store.find(JobId::generate()).await.unwrap(), None);
    }

    async fn the_most_urgent_come_first_and_the_delayed_when_they_are_due(test: TestStore) {
        let store = &test.store;
        let (mut low, mut high, mut later) = (job("a"), job("a"), job("a"));
        low.priority = Priority::LOW;
        high.priority = Priority::HIGH;
        later.run = Run::In(Duration::from_secs(3));
        let now = store.now().await.unwrap();
        let mut passed = job("a");
        (passed.run, passed.priority) = (Run::At(now - chrono::TimeDelta::hours(1)), Priority::URGENT);
        let expected = [passed.id, high.id, low.id];
        let told = store.enqueue(vec![low, high, later.clone(), passed]).await.unwrap();
        assert_eq!(told[2], Enqueued::New(later.id, State::Scheduled));
        assert_eq!(told[3], Enqueued::New(expected[0], State::Available));
        let claimed = take(store, "a", 10).await;
        assert_eq!(ids(&claimed.jobs), expected);
        assert!(claimed.next_due.is_some_and(|it| it <= Duration::from_secs(3)));
        let mut late = take(store, "a", 10).await;
        while late.jobs.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            late = take(store, "a", 10).await;
        }
        let [due] = late.jobs.as_slice() else { panic!("{late:?}") };
        assert_eq!(due.id, later.id);
        assert!(due.started_at.unwrap() >= due.run_at, "never early");
    }

    async fn queues_give_their_shares_and_then_what_is_left(test: TestStore) {
        let store = &test.store;
        let jobs = (0..20).map(|index| {
            let mut job = job("a");
            job.queue = if index < 3 { "small" } else { "large" }.into();
            job
        });
        store.enqueue(jobs.collect()).await.unwrap();
        store.pause("shut", &By::new("anna")).await.unwrap();
        let mut claim = claim_of(&["a", "b", "c"], 10);
        let share = |queue: &str, jobs| Share { queue: queue.into(), jobs };
        claim.queues = vec![share("shut", 5), share("small", 8), share("large", 2), share("none", 1)];
        let jobs = store.claim(&claim).await.unwrap().jobs;
        let of = |queue: &str| jobs.iter().filter(|it| it.queue == queue).count();
        assert_eq!((of("small"), of("large")), (3, 7));
    }

    async fn every_end_leads_where_it_says(test: TestStore) {
        let store = &test.store;
        let jobs: Vec<_> = (0..6).map(|_| job("a")).collect();
        store.enqueue(jobs).await.unwrap();
        let taken = take(store, "a", 10).await.jobs;
        let mut ends = [
            End::Retry(LONG),
            End::Snooze(LONG),
            End::HandBack,
            End::Cancelled("not needed".into()),
            End::Dead(Reason::Failed),
            End::Retry(Duration::ZERO),
        ]
        .into_iter()
        .zip(&taken)
        .map(|(what, job)| end(job, what))
        .collect::<Vec<_>>();
        ends[0].failure = Some(Failure {
            attempt: 1,
            at: store.now().await.unwrap(),
            kind: FailureKind::Panic,
            message: "it\0broke".into(),
            backtrace: Some("at main".into()),
            worker: Some("worker".into()),
        });
        let verdicts = store.finish(&ends).await.unwrap();
        assert_eq!(verdicts, vec![Verdict::Applied; 6]);
        let mut seen = Vec::new();
        for job in &taken {
            let job = store.find(job.id).await.unwrap().unwrap();
            assert_eq!(job.lease_until, None);
            seen.push((job.state, job.attempt, job.snoozes, job.reason));
        }
        assert_eq!(
            seen,
            [
                (State::Scheduled, 1, 0, None),
                (State::Scheduled, 0, 1, None),
                (State::Available, 0, 0, None),
                (State::Cancelled, 1, 0, None),
                (State::Dead, 1, 0, Some(Reason::Failed)),
                (State::Available, 1, 0, None),
            ]
        );
        let failures = store.failures(taken[0].id).await.unwrap();
        let [failure] = failures.as_slice() else { panic!("{failures:?}") };
        assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Panic, "it\u{fffd}broke"));
        let audit = store.audits(Some(&taken[3].id.to_string()), 5).await.unwrap();
        assert_eq!((audit[0].action.as_str(), audit[0].detail.as_deref()), ("cancel", Some("not needed")));
        let again = take(store, "a", 10).await.jobs;
        assert_eq!(ids(&again), [taken[2].id, taken[5].id]);
        assert_eq!(again[0].fence, 2);
    }

    async fn a_lease_that_ran_out_is_a_crash_and_too_many_are_the_end(test: TestStore) {
        let store = &test.store;
        let new = job("a");
        let id = new.id;
        store.enqueue(vec![new]).await.unwrap();
        assert!(store.rescue(3, 10).await.unwrap().is_empty());
        for crash in 1..=3 {
            let mut claim = claim_of(&["a"], 1);
            claim.lease = Duration::from_millis(1);
            assert_eq!(store.claim(&claim).await.unwrap().jobs.len(), 1);
            let mut rescued = Vec::new();
            while rescued.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
                rescued = store.rescue(3, 10).await.unwrap();
            }
            assert_eq!((rescued[0].id, rescued[0].crashes, rescued[0].dead), (id, crash, crash == 3));
        }
        let job = store.find(id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt, job.crashes), (State::Dead, 0, 3));
        assert_eq!(job.reason, Some(Reason::CrashLoop));
        assert_eq!(store.failures(id).await.unwrap().len(), 3);

        let filter = Filter { kind: Some("a".into()), ..Filter::default() };
        let redrive = Redrive { filter, limit: 10, spacing: LONG };
        assert_eq!(store.redrive(&redrive, &By::new("anna")).await.unwrap(), 1);
        let job = store.find(id).await.unwrap().unwrap();
        assert_eq!((job.state, job.crashes, job.reason), (State::Available, 0, None));
    }

    async fn a_unique_key_is_held_by_one_job_until_it_says(test: TestStore) {
        let store = &test.store;
        let new = |key: &str, until, policy| {
            let mut job = job("a");
            job.unique = unique(key, until, policy);
            job
        };
        let first = new("1", Until::Finished, OnConflict::Skip);
        let others = vec![new("1", Until::Finished, OnConflict::Skip), first.clone(), new("2", Until::Started, OnConflict::Skip)];
        let second = others[2].id;
        let told = store.enqueue(vec![first.clone()]).await.unwrap();
        assert!(told[0].is_new());
        let told = store.enqueue(others).await.unwrap();
        assert_eq!(
            told,
            [Enqueued::Existing(first.id), Enqueued::Existing(first.id), Enqueued::New(second, State::Available)]
        );

        let mut replacing = new("1", Until::Finished, OnConflict::Replace);
        replacing.payload = b"new".to_vec();
        replacing.kind = "a@2".into();
        assert_eq!(store.enqueue(vec![replacing]).await.unwrap(), [Enqueued::Changed(first.id)]);
        let mut later = new("1", Until::Finished, OnConflict::Extend);
        later.run = Run::In(LONG);
        assert_eq!(store.enqueue(vec![later]).await.unwrap(), [Enqueued::Changed(first.id)]);
        let found = store.find(first.id).await.unwrap().unwrap();
        assert_eq!((found.state, found.payload.as_slice(), found.kind.as_str()), (State::Scheduled, b"new".as_slice(), "a@2"));
        assert_eq!(found.unique_key.as_deref(), Some("a:1"));

        // free when it is started, when it has ended, and when its window is over
        let taken = take(store, "a", 5).await.jobs;
        assert_eq!(ids(&taken), [second]);
        assert!(store.enqueue(vec![new("2", Until::Started, OnConflict::Skip)]).await.unwrap()[0].is_new());
        store.cancel(first.id, &By::new("anna")).await.unwrap();
        let again = new("1", Until::Finished, OnConflict::Skip);
        assert!(store.enqueue(vec![again.clone()]).await.unwrap()[0].is_new());
        let refused = store.retry(first.id, &By::new("anna")).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)) && refused.to_string().contains(&again.id.to_string()));
        let window = Until::Window(Duration::from_secs(2));
        let held = new("3", window, OnConflict::Skip);
        store.enqueue(vec![held.clone()]).await.unwrap();
        store.cancel(held.id, &By::new("anna")).await.unwrap();
        let mut tries = 0;
        while !store.enqueue(vec![new("3", window, OnConflict::Skip)]).await.unwrap()[0].is_new() {
            tries += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(tries > 0 || test.engine != atlas_db::Engine::Sqlite, "it was free at once");
        // letters, their case and blanks count
        for key in ["é", "e", "E", "e "] {
            let told = store.enqueue(vec![new(key, Until::Finished, OnConflict::Skip)]).await.unwrap();
            assert!(told[0].is_new(), "{key:?}");
        }
    }

    async fn no_more_jobs_of_a_key_run_than_may(test: TestStore) {
        let store = &test.store;
        let mut jobs = Vec::new();
        for index in 0..12 {
            let mut job = job("a");
            job.limit = (index % 4 != 3).then(|| Limit::key(format!("key {}", index % 2), 2));
            jobs.push(job);
        }
        store.enqueue(jobs).await.unwrap();
        let taken = take(store, "a", 100).await.jobs;
        let of = |key: Option<&str>| {
            taken.iter().filter(|it| it.limit.as_ref().map(Limit::name) == key).count()
        };
        assert_eq!((of(Some("key 0")), of(Some("key 1")), of(None)), (2, 2, 3));
        assert!(take(store, "a", 100).await.jobs.is_empty());
        let limited = taken.iter().find(|it| it.limit.is_some()).unwrap();
        store.finish(&[end(limited, End::Done)]).await.unwrap();
        let next = take(store, "a", 100).await.jobs;
        assert_eq!(next.len(), 1);
        assert_eq!(next[0].limit, limited.limit);
    }

    async fn operators_see_and_change_jobs(test: TestStore) {
        let (store, by) = (&test.store, By::new("anna"));
        let jobs: Vec<_> = (0..5).map(|index| {
            let mut job = job(if index == 0 { "a@2" } else { "a" });
            if index == 4 {
                job.run = Run::In(LONG);
            }
            job
        }).collect();
        let all: Vec<JobId> = jobs.iter().map(|it| it.id).collect();
        store.enqueue(jobs).await.unwrap();
        let filter = Filter { kind: Some("a".into()), ..Filter::default() };
        let page = store.list(&filter, Page { after: None, limit: 3 }).await.unwrap();
        assert_eq!(ids(&page), [all[4], all[3], all[2]]);
        let page = store.list(&filter, Page { after: Some(all[2]), limit: 3 }).await.unwrap();
        assert_eq!(ids(&page), [all[1], all[0]]);

        let edit = Edit { payload: Some(b"[]".to_vec()), max_attempts: Some(3), queue: Some("other".into()) };
        store.edit(all[1], &edit, &by).await.unwrap();
        let edited = store.find(all[1]).await.unwrap().unwrap();
        assert_eq!((edited.payload.as_slice(), edited.max_attempts, edited.queue.as_str()), (b"[]".as_slice(), 3, "other"));
        assert_eq!(store.retry(all[4], &by).await.unwrap(), State::Scheduled);
        assert_eq!(store.cancel(all[2], &by).await.unwrap(), State::Available);
        let running = take(store, "a", 1).await.jobs.remove(0);
        assert_eq!(store.cancel(running.id, &by).await.unwrap(), State::Running);
        let lease = Lease { job: running.id, fence: running.fence };
        assert_eq!(store.control(&[lease]).await.unwrap(), (vec![lease], vec![]));
        assert_eq!(store.renew(&[lease], LONG).await.unwrap(), [Pulse::Cancel]);
        store.finish(&[end(&running, End::Retry(LONG))]).await.unwrap();
        assert_eq!(store.find(running.id).await.unwrap().unwrap().state, State::Cancelled);
        assert!(matches!(store.edit(running.id, &edit, &by).await, Err(Error::WrongState { .. })));
        let nobody = JobId::generate();
        assert!(matches!(store.cancel(nobody, &by).await, Err(Error::NoSuchJob(id)) if id == nobody));

        store.pause("default", &by).await.unwrap();
        store.pause("default", &by).await.unwrap();
        let stats = store.stats(true).await.unwrap();
        let queue = &stats.queues["default"];
        assert!(queue.paused && queue.oldest.is_some());
        assert_eq!(queue.jobs[&State::Cancelled], 2);
        assert_eq!(queue.jobs[&State::Available], 2);
        assert!(take(store, "a", 5).await.jobs.is_empty());
        store.resume("default", &by).await.unwrap();
        assert_eq!(take(store, "a", 5).await.jobs.len(), 1);
        let lines = store.audits(Some("default"), 10).await.unwrap();
        assert_eq!(lines.iter().map(|it| it.action.as_str()).collect::<Vec<_>>(), ["resume", "pause"]);

        let none = store.prune(State::Cancelled, LONG, 10).await.unwrap();
        let some = store.prune(State::Cancelled, Duration::ZERO, 1).await.unwrap();
        let rest = store.discard(&Filter::default(), 10, &by).await.unwrap();
        assert_eq!((none, some, rest), (0, 1, 1));
    }

    async fn keys_of_limits_that_nobody_uses_are_forgotten(test: TestStore) {
        let store = &test.store;
        let limited = |key: &str| {
            let mut job = job("a");
            job.limit = Some(Limit::key(key, 1));
            job
        };
        let keys = async || {
            let keys = "SELECT CAST(count(*) AS CHAR(9)) FROM atlas_job_limits";
            let row = sql(keys).statement(&test.db).unwrap();
            let row = test.db.query_one_raw(row).await.unwrap().unwrap();
            row.try_get_by_index::<String>(0).unwrap().trim().to_owned()
        };
        for key in ["over", "grüße", "waits"] {
            store.enqueue(vec![limited(key)]).await.unwrap();
        }
        store.enqueue(vec![limited("waits")]).await.unwrap();
        let taken = take(store, "a", 10).await.jobs;
        assert_eq!(taken.len(), 3);
        for job in taken.iter().filter(|it| it.limit.as_ref().unwrap().name() != "grüße") {
            store.finish(&[end(job, End::Done)]).await.unwrap();
        }
        let before = keys().await;
        store.prune(State::Completed, LONG, 10).await.unwrap();
        // on SQLite one writer at a time needs no keys
        let expected = match test.engine {
            Engine::Sqlite => ("0", "0"),
            _ => ("3", "2"),
        };
        assert_eq!((before.as_str(), keys().await.as_str()), expected);
        // a key that was forgotten limits as before
        store.enqueue(vec![limited("over"), limited("over")]).await.unwrap();
        let again = take(store, "a", 10).await.jobs;
        let names: Vec<_> = again.iter().map(|it| it.limit.as_ref().unwrap().name()).collect();
        assert_eq!(names.iter().filter(|it| **it == "over").count(), 1, "{names:?}");
        assert!(names.contains(&"waits") && names.len() == 2, "{names:?}");
    }

    async fn a_tick_fires_once(test: TestStore) {
        let (store, by) = (&test.store, By::new("anna"));
        let at = |seconds: i64| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let schedule = ScheduleRecord {
            name: "nightly".into(),
            cron: "0 3 * * *".into(),
            zone: "Europe/Berlin".into(),
            kind: "a".into(),
            payload: "{\"é\":1}".into(),
            queue: None,
            options: Options::new().max_attempts(3),
            jitter_ms: 5,
            misfire: Misfire::All,
            paused: false,
            from_code: true,
            declared_at: Some(at(50)),
            last_tick: None,
            next_tick: Some(at(100)),
        };
        store.put_schedule(&schedule, &by).await.unwrap();
        assert_eq!(store.schedules().await.unwrap()[0], schedule);
        let tick = Tick {
            schedule: "nightly".into(),
            expected: at(100),
            next: Some(at(200)),
            jobs: vec![job("a"), job("a")],
        };
        assert_eq!(store.fire(&tick).await.unwrap(), Fire::Fired);
        assert_eq!(store.fire(&tick).await.unwrap(), Fire::Missed);
        assert_eq!(take(store, "a", 5).await.jobs.len(), 2);
        store.pause_schedule("nightly", true, None, &by).await.unwrap();
        let next = Tick { expected: at(200), next: None, ..tick };
        assert_eq!(store.fire(&next).await.unwrap(), Fire::Missed);
        store.put_schedule(&schedule, &by).await.unwrap();
        let kept = store.schedules().await.unwrap().remove(0);
        assert!(kept.paused && kept.last_tick == Some(at(100)));
        store.pause_schedule("nightly", false, Some(at(300)), &by).await.unwrap();
        assert_eq!(store.schedules().await.unwrap()[0].next_tick, Some(at(300)));
        assert!(store.remove_schedule("nightly", &by).await.unwrap());
        assert!(!store.remove_schedule("nightly", &by).await.unwrap());
        let gone = store.pause_schedule("nightly", true, None, &by).await;
        assert!(matches!(gone, Err(Error::NoSuchSchedule(_))));
        let actions: Vec<_> = store.audits(Some("nightly"), 10).await.unwrap().into_iter().map(|it| it.action).collect();
        assert_eq!(actions, ["schedule.remove", "schedule.resume", "schedule.change", "schedule.pause", "schedule.add"]);
    }

    async fn large_payloads_and_many_jobs_go_in_by_one_call(test: TestStore) {
        let store = &test.store;
        let mut large = job("large");
        large.payload = (0..1_048_576_u32).map(|it| (it % 251) as u8).collect();
        let jobs = (0..3).map(|_| {
            let mut job = large.clone();
            job.id = JobId::generate();
            job
        });
        let jobs: Vec<_> = jobs.chain((0..2_000).map(|_| job("a"))).collect();
        assert_eq!(store.enqueue(jobs).await.unwrap().len(), 2_003);
        let taken = take(store, "large", 5).await.jobs;
        assert_eq!(taken.len(), 3);
        assert!(taken.iter().all(|it| it.payload == large.payload));
        assert_eq!(take(store, "a", 1_500).await.jobs.len(), 1_500);
        let taken = take(store, "a", 1_000).await.jobs;
        assert_eq!(taken.len(), 500);
        let ends: Vec<_> = taken.iter().map(|job| end(job, End::Done)).collect();
        assert_eq!(store.finish(&ends).await.unwrap(), vec![Verdict::Applied; 500]);
    }
}
