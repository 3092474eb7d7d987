//! J33: processes whose clocks are wrong by five minutes, where the store is a server and its clock rules.

use atlas_jobs::{
    State,
    store::{Filter, Page},
};
use crash::{Process, WrongClock, jobs::Work, now};
use tokio::task::block_in_place;

use super::{
    case::{Case, PATIENCE, on_every_store, say},
    ticks::{fired, judge, reaches, second},
};

/// How many jobs a worker runs at a time.
const PLACES: usize = 4;

/// By how many seconds the clocks of a case are wrong.
const WRONG: [i64; 2] = [300, -300];
/// Far less than the clocks are wrong by, and longer than anything here has to wait for a slow machine, in milliseconds.
const SOON: i64 = 60_000;

on_every_store! {
    once by the clock of a server
    /// Workers with wrong clocks take no job of each other, and when they die, others take theirs as soon as those of anybody.
    async fn workers_with_wrong_clocks_lose_no_lease_early_and_keep_none_longer(case: Case) {
        let Some(workers) = wrong(case, &["work", "1000"]).await else { return };
        // two leases long, as many as both have places for
        let long = Work { millis: 6000, ..Work::default() };
        case.enqueue(vec![long; 2 * PLACES]).await;
        case.written("start", 2 * PLACES).await;
        let lines = case.lines();
        for worker in &workers {
            let starts = lines.iter().filter(|it| it.pid == worker.id() && it.what == "start");
            assert_eq!(starts.count(), PLACES, "each takes what it has places for");
        }
        let verdict = case.verdict(2 * PLACES).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 0, 1), "{job:?}");
        }
        let endless = Work { first: 600_000, ..Work::default() };
        case.enqueue(vec![endless; 2 * PLACES]).await;
        case.written("start", 4 * PLACES).await;
        drop(workers);
        let died = now();
        let _right = case.worker();
        let verdict = case.verdict(4 * PLACES).await;
        let took = i64::try_from((now() - died) / 1000).unwrap();
        assert!(took < SOON, "their jobs were done after {took} ms");
        let rescued = verdict.jobs.iter().filter(|it| (it.state, it.attempt, it.crashes, it.fence) == (State::Completed, 1, 1, 2));
        assert_eq!(rescued.count(), 2 * PLACES, "{:#?}", verdict.jobs);
    }
}

on_every_store! {
    once by the clock of a server
    /// What workers with wrong clocks are given, and what processes with wrong clocks enqueue, runs at its time.
    async fn what_is_enqueued_for_later_runs_at_its_time_by_wrong_clocks_too(case: Case) {
        const JOBS: usize = 5;
        const WAIT: i64 = 3000;
        let Some(_workers) = wrong(case, &["work", "1000"]).await else { return };
        let (jobs, wait) = (JOBS.to_string(), WAIT.to_string());
        for mut process in wrong(case, &["enqueue", &jobs, &wait]).await.unwrap() {
            let ended = block_in_place(|| process.wait(PATIENCE)).unwrap();
            assert!(ended.status.success(), "{:?}\n{}", ended.status, case.logs());
        }
        let verdict = case.verdict(WRONG.len() * JOBS).await;
        let at = |what: &str, id: &str| {
            let line = verdict.lines.iter().find(|it| it.what == what && it.item == id);
            i64::try_from(line.unwrap().at / 1000).unwrap()
        };
        for job in &verdict.jobs {
            let id = job.id.to_string();
            let (enqueued, due, start) = (at("enqueue", &id), job.run_at.timestamp_millis(), at("start", &id));
            // a server may cut off a part of a millisecond
            assert!((WAIT - 1..WAIT + SOON).contains(&(due - enqueued)), "due after {} ms", due - enqueued);
            assert!((0..SOON).contains(&(start - due)), "begun {} ms after it was due", start - due);
        }
    }
}

on_every_store! {
    once by the clock of a server
    /// Schedulers with wrong clocks fire each tick once, and when it is due.
    async fn schedulers_with_wrong_clocks_fire_each_tick_at_its_time(case: Case) {
        let Some(schedulers) = wrong(case, &["schedule"]).await else { return };
        // both of them, and then the second alone
        for scheduler in schedulers {
            let before = fired(case).await.len();
            reaches(case, before + 4).await;
            judge(case).await;
            drop(scheduler);
        }
        let page = Page { after: None, limit: 1000 };
        for job in case.store.list(&Filter::default(), page).await.unwrap() {
            let tick = second(&job) * 1000;
            let late = job.created_at.timestamp_millis() - tick;
            assert!((0..SOON).contains(&late), "a tick fired {late} ms late");
        }
    }
}

/// Processes that do this, one for each of the wrong clocks; none if there is no means to show them one, which is said, and
/// counted by `cargo xtask test`.
async fn wrong(case: &Case, does: &[&str]) -> Option<Vec<Process>> {
    let Some(clock) = WrongClock::find() else {
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test");
        say(&format!(
            "SKIPPED: `{test}`: no clock can be wrong: libfaketime is not installed\n  \
             help: on Debian `apt-get install faketime`"
        ));
        return None;
    };
    let mut processes = Vec::new();
    for seconds in WRONG {
        let before = now();
        let process = case.by_clock(&clock, seconds, does);
        assert_wrong(case, &process, before, seconds).await;
        processes.push(process);
    }
    Some(processes)
}

/// Makes sure that the clock is wrong by just so much that a process is shown which was started at this time.
async fn assert_wrong(case: &Case, process: &Process, started: u64, seconds: i64) {
    let shown = || {
        let lines = case.lines();
        let mut of = lines.iter().filter(|it| it.pid == process.id());
        let line = of.find(|it| it.what == "clock");
        line.map(|it| it.note.parse::<u64>().unwrap())
    };
    case.eventually("it has looked at its clock", async || shown().is_some())
        .await;
    let right = shown().unwrap().saturating_add_signed(-seconds * 1_000_000);
    let seen = now();
    assert!(
        (started..=seen).contains(&right),
        "{started} {right} {seen}"
    );
}
