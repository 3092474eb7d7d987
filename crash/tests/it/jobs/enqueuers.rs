//! J15: jobs that are enqueued in transactions, many of which never commit.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use atlas_db::{
    Engine,
    sea_orm::{self, ConnectionTrait, FromQueryResult},
    sql,
};
use atlas_jobs::State;
use crash::{Line, jobs::Orders};
use tokio::time::sleep;

use super::case::{Case, on_every_store, say, soaks};

/// How many transactions a case has, in CI and in a soak.
const FEW: [usize; 2] = [100, 1_000];
/// Where those who enqueue die by themselves.
const STEPS: [&str; 3] = ["commit.before", "commit.during", "commit.after"];
/// How long a commit is held, in milliseconds.
const HELD: u64 = 500;

on_every_store! {
    in a database
    /// Transactions end by commit, by rollback, and by the death of whoever began them: before, in, and after their commit. What
    /// runs is what was committed, and nothing of it begins before.
    async fn what_runs_is_what_was_committed(case: Case) {
        let transactions = FEW[usize::from(soaks())];
        let _workers = [case.worker(), case.worker()];
        let how = |held| Orders { seed: case.below(u64::MAX), taken_back: 30, held, rest: 10 };
        let holding = case.orders(how(HELD), None);
        let mut others = [case.orders(how(0), None), case.orders(how(0), None)];
        for round in 1..=transactions / 5 {
            case.written("ordered", round * 5).await;
            sleep(Duration::from_millis(case.below(20))).await;
            let victim = usize::try_from(case.below(2)).unwrap();
            others[victim].kill();
            let step = STEPS[usize::try_from(case.below(3)).unwrap()];
            others[victim] = case.orders(how(0), Some((step, 1 + case.below(3))));
        }
        let is_held = |it: &Line| it.pid == holding.id() && it.what == "committed";
        case.eventually("the held one is committed", async || case.lines().iter().any(is_held)).await;
        let pid = holding.id();
        drop((holding, others));
        let orders = orders(case).await;
        let verdict = case.verdict(orders.len()).await;
        let lines = &verdict.lines;
        let jobs: BTreeSet<_> = verdict.jobs.iter().map(|it| it.id.to_string()).collect();
        assert_eq!(jobs, orders, "the jobs that are there");
        let started = items(lines, "start");
        assert_eq!(started, orders, "the jobs that ran");
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, verdict.effects_of(job)), (State::Completed, 1, 1), "{job:?}");
        }
        let commits = times(lines, "commit");
        for start in lines.iter().filter(|it| it.what == "start") {
            let early = commits[&start.item].saturating_sub(start.at);
            assert_eq!(early, 0, "{} began {early} µs before its commit", start.item);
        }
        let held = lines.iter().find(|it| it.pid == pid && it.what == "commit").unwrap();
        let held = held.at - times(lines, "enqueued")[&held.item];
        assert!(held >= HELD * 1000, "the commit was held for {held} µs");
        tell(lines, &orders);
    }
}

on_every_store! {
    once in a database
    /// Half of the jobs begin within 50 ms of their commit where the store wakes workers of other processes, and within the
    /// interval at which they ask where it does not.
    async fn a_worker_of_another_process_learns_of_a_commit(case: Case) {
        // asking is at its slowest after some rest
        let (commits, rest, bound) = match case.db().engine() {
            Engine::Postgres => (60, 80, Duration::from_millis(50)),
            _ => (10, 2000, Duration::from_secs(1)),
        };
        let _worker = case.worker();
        let ordering = case.orders(Orders { rest, seed: case.below(u64::MAX), ..Orders::default() }, None);
        case.written("committed", commits).await;
        drop(ordering);
        let verdict = case.verdict(orders(case).await.len()).await;
        let starts = times(&verdict.lines, "start");
        let committed = times(&verdict.lines, "committed");
        let mut waits: Vec<_> = committed.iter().map(|(job, at)| starts[job].saturating_sub(*at)).collect();
        waits.sort_unstable();
        let half = Duration::from_micros(waits[waits.len() / 2]);
        let most = Duration::from_micros(waits[waits.len() - 1]);
        say(&format!("of {} jobs, half began within {half:?} of their commit, all within {most:?}", waits.len()));
        assert!(half <= bound, "half of the jobs began within {half:?} of their commit");
    }
}

#[derive(FromQueryResult)]
struct Order {
    job: String,
}

/// The orders that were committed, when nobody can commit one any more.
async fn orders(case: &Case) -> BTreeSet<String> {
    // it waits for all that are in it: one whose process is dead may be on its way to its commit
    let rename = "ALTER TABLE orders RENAME TO placed";
    case.db().execute_unprepared(rename).await.unwrap();
    let rows: Vec<Order> = sql("SELECT job FROM placed").all(case.db()).await.unwrap();
    let orders: BTreeSet<_> = rows.iter().map(|it| it.job.trim().to_owned()).collect();
    assert_eq!(orders.len(), rows.len(), "an order is there twice");
    orders
}

fn items(lines: &[Line], what: &str) -> BTreeSet<String> {
    times(lines, what).into_keys().collect()
}

/// When this was first written of each item.
fn times(lines: &[Line], what: &str) -> HashMap<String, u64> {
    let of = lines.iter().rev().filter(|it| it.what == what);
    of.map(|it| (it.item.clone(), it.at)).collect()
}

/// Says how the transactions ended, each of which way some must have.
fn tell(lines: &[Line], orders: &BTreeSet<String>) {
    let [begun, told, committed, back] =
        ["ordered", "commit", "committed", "rolled back"].map(|it| items(lines, it));
    // whoever told it to commit did not hear what became of that
    let unheard: BTreeSet<_> = told.difference(&committed).collect();
    let there = unheard.iter().filter(|it| orders.contains(**it)).count();
    let unfinished = begun.len() - told.union(&back).count();
    say(&format!(
        "of {} transactions {} were committed, {} rolled back, and {unfinished} died before their commit; \
         of {} that died in it or after it, {there} are there",
        begun.len(),
        committed.len(),
        back.len(),
        unheard.len(),
    ));
    assert!(!committed.is_empty() && !back.is_empty());
    assert!(
        unheard.len() + unfinished > 0,
        "nobody died in a transaction"
    );
}
