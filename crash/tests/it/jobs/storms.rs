//! J11: a server that ends its clients' connections one after the other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_jobs::State;
use atlas_servers::Kind;
use crash::jobs::{CONNECTIONS, Work};
use tokio::{task::block_in_place, time::sleep};

use super::{
    case::{Case, PATIENCE, on_every_store},
    load::Load,
};

/// Something is done in every time of this length.
const WINDOW: Duration = Duration::from_secs(5);
/// The connections that a process may have: of its jobs, of its heartbeats (2), and the one that listens.
const MOST: usize = CONNECTIONS as usize + 3;

on_every_store! {
    on a server
    /// Work goes on all the time, all of it is done, and no connection is left behind.
    async fn connections_ended_five_times_a_second_hold_nobody_up(case: Case) {
        let storm = match std::env::var_os("CRASH_SOAK") {
            Some(_) => Duration::from_secs(60),
            None => WINDOW + Duration::from_secs(1),
        };
        let _workers = [case.worker(), case.worker()];
        let job = Work { millis: 5, ..Work::default() };
        let load = Load::start(Arc::clone(&case.store), job);
        case.written("end", 10).await;
        let (began, mut ended) = (Instant::now(), 0);
        while began.elapsed() < storm || ended <= 10 && began.elapsed() < PATIENCE {
            ended += usize::from(block_in_place(|| end_one(case)));
            sleep(Duration::from_millis(200)).await;
        }
        assert!(ended > 10, "only {ended} connections were ended");
        let (acknowledged, _) = load.end().await;
        let lines = case.lines();
        let done: Vec<_> = lines.iter().filter(|it| it.note == "done").map(|it| it.at).collect();
        let pause = done.windows(2).map(|it| it[1] - it[0]).max().unwrap();
        let pause = Duration::from_micros(pause);
        assert!(pause <= WINDOW, "nothing was done for {pause:?}\n{}", case.logs());
        let verdict = case.verdict(acknowledged).await;
        for job in &verdict.jobs {
            assert_eq!(job.state, State::Completed, "{job:?}");
        }
        let connections = block_in_place(|| connections(case).len());
        assert!(connections <= 3 * MOST, "{connections} connections for three processes");
    }
}

/// Ends a connection; says whether there was one.
fn end_one(case: &Case) -> bool {
    let all = connections(case);
    if all.is_empty() {
        return false;
    }
    let index = case.below(all.len() as u64);
    let id = &all[usize::try_from(index).unwrap()];
    let command = match case.server().kind() {
        Kind::Postgres => format!("SELECT pg_terminate_backend({id})"),
        Kind::MariaDb | Kind::MySql => format!("KILL {id}"),
        Kind::Redis => format!("CLIENT KILL ID {id}"),
    };
    // it may have gone by itself
    case.server().run(&command).is_ok()
}

/// The connections to the jobs, by the ids that the server gives them.
fn connections(case: &Case) -> Vec<String> {
    let list = match case.server().kind() {
        Kind::Postgres => "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'atlas_c_%'",
        Kind::MariaDb | Kind::MySql => {
            "SELECT id FROM information_schema.processlist WHERE db LIKE 'atlas_c_%'"
        }
        Kind::Redis => "CLIENT LIST",
    };
    // MySQL refuses the whole list while it shows a statement whose text is not UTF-8
    let began = Instant::now();
    let rows = loop {
        match case.server().run(list) {
            Ok(rows) => break rows.0,
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let rows = rows.into_iter().flatten().flatten();
    if case.server().kind() != Kind::Redis {
        return rows.collect();
    }
    let text: Vec<String> = rows.collect();
    let lines = text.iter().flat_map(|it| it.lines());
    // the last command of our own connection is this one
    let others = lines.filter(|it| !it.contains("cmd=client|list"));
    let ids = others.filter_map(|it| it.strip_prefix("id=")?.split(' ').next());
    ids.map(str::to_owned).collect()
}
