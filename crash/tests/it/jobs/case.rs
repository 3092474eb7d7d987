//! What every case needs: a store, a folder, processes.

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use atlas_db::Db;
use atlas_jobs::{
    Job,
    store::{Store, Transactions},
};
use atlas_servers::{Kind, Options, Server};
use crash::{
    Line, Process, Proxy, WrongClock,
    failpoint::VARIABLE,
    jobs::{ONE_THREAD, Orders, Place, StoreKind, Verdict, Version, enqueue},
};
use tempfile::TempDir;

/// Longer than anything takes on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// The leases of all cases.
pub(super) const LEASE: Duration = Duration::from_secs(3);
/// Their heartbeats.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// Says whether cases have their full size, which takes too long for every day.
pub(super) fn soaks() -> bool {
    std::env::var_os("CRASH_SOAK").is_some()
}

/// Runs the same case on every store, as tests of a module of its name: with each seed, or `once` if nothing in it is random.
/// Those `on a server` have one of their own, which they may hurt. Those `in a database` need one that holds both jobs and effects,
/// those `by the clock of a server` one whose clock is not that of each process.
macro_rules! on_every_store {
    ($(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ new (usize::MAX) [sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql, redis Redis]
            $(#[$attribute])* $name $case $body);
    };
    (once $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ new (1) [sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql, redis Redis]
            $(#[$attribute])* $name $case $body);
    };
    (once by the clock of a server $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ new (1) [postgres Postgres, mariadb MariaDb, mysql MySql, redis Redis]
            $(#[$attribute])* $name $case $body);
    };
    (in a database $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ new (usize::MAX) [sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql]
            $(#[$attribute])* $name $case $body);
    };
    (once in a database $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ new (1) [sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql]
            $(#[$attribute])* $name $case $body);
    };
    (on a server $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ on_a_server (usize::MAX) [postgres Postgres, mariadb MariaDb, mysql MySql, redis Redis]
            $(#[$attribute])* $name $case $body);
    };
    (once on a server $(#[$attribute:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        $crate::jobs::case::on_every_store!(@ on_a_server (1) [postgres Postgres, mariadb MariaDb, mysql MySql, redis Redis]
            $(#[$attribute])* $name $case $body);
    };
    (@ $make:ident ($seeds:expr) [$($store:ident $kind:ident),+] $(#[$attribute:meta])* $name:ident $case:ident $body:block) => {
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn body($case: &$crate::jobs::case::Case) $body

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $store() {
                    for seed in crash::seeds(module_path!()).take($seeds) {
                        let store = crash::jobs::StoreKind::$kind;
                        let Some(case) = $crate::jobs::case::Case::$make(store, seed).await else {
                            return;
                        };
                        body(&case).await;
                        case.remove().await;
                    }
                }
            )+
        }
    };
}

pub(super) use on_every_store;

/// Says it past the harness, which keeps to itself what a passing test prints.
pub(super) fn say(words: &str) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{words}").unwrap();
}

/// A case on its way.
pub(super) struct Case {
    pub(super) store: Arc<dyn Store>,
    db: Db,
    place: Place,
    server: Option<Server>,
    folder: TempDir,
    seed: std::sync::Mutex<crash::Seed>,
}

impl Case {
    /// A new one; none if there is no such store here, which is said and counted.
    pub(super) async fn new(store: StoreKind, seed: crash::Seed) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        match Place::make(store, folder.path()).await.unwrap() {
            Ok(place) => Some(Self::of(place, None, folder, seed)),
            Err(absent) => {
                atlas_servers::skipped(&absent);
                None
            }
        }
    }

    /// One with a server of its own, where every answer outlives the server's process.
    pub(super) async fn on_a_server(store: StoreKind, seed: crash::Seed) -> Option<Self> {
        let kind = store.server().unwrap();
        let options = match kind {
            Kind::Redis => Options::new().flushed(),
            _ => Options::new(),
        };
        let server = tokio::task::block_in_place(|| Server::start_with(kind, options));
        let server = server.inspect_err(atlas_servers::skipped).ok()?;
        Some(Self::on(server, seed).await)
    }

    /// One on this server.
    pub(super) async fn on(server: Server, seed: crash::Seed) -> Self {
        let folder = TempDir::new().unwrap();
        let place = Place::on(&server, folder.path()).await.unwrap();
        Self::of(place, Some(server), folder, seed)
    }

    fn of(place: Place, server: Option<Server>, folder: TempDir, seed: crash::Seed) -> Self {
        Self {
            store: place.store().unwrap(),
            db: place.db().unwrap(),
            place,
            server,
            folder,
            seed: std::sync::Mutex::new(seed),
        }
    }

    /// The server of its own.
    pub(super) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Starts it again, and waits until this process has a connection that works.
    pub(super) async fn start_again(&self) {
        tokio::task::block_in_place(|| self.server().start_again()).unwrap();
        self.eventually("the store answers", async || {
            self.store.ping().await.is_ok()
        })
        .await;
    }

    /// Says whether jobs and effects are in one database.
    pub(super) fn is_database(&self) -> bool {
        self.store.features().transactions == Transactions::Same
    }

    /// A wire to that server.
    pub(super) async fn proxy(&self) -> Proxy {
        Proxy::to(self.server().port()).await.unwrap()
    }

    /// The store as it is at the other end of a wire.
    pub(super) fn store_through(&self, proxy: &Proxy) -> Arc<dyn Store> {
        self.place_through(proxy).store().unwrap()
    }

    fn place_through(&self, proxy: &Proxy) -> Place {
        self.place.through(self.server().port(), proxy.port())
    }

    /// A random number below this one.
    pub(super) fn below(&self, bound: u64) -> u64 {
        self.seed.lock().unwrap().random().u64(..bound)
    }

    pub(super) async fn enqueue<J: Job + Clone>(&self, jobs: Vec<J>) {
        enqueue(Arc::clone(&self.store), jobs).await.unwrap();
    }

    /// A worker that is not hurt by any number of crashes.
    pub(super) fn worker(&self) -> Process {
        self.worker_with(1000, None)
    }

    /// A worker with this crash limit, which dies at the n-th time of a step.
    pub(super) fn worker_with(&self, crash_limit: u32, dies: Option<(&str, u64)>) -> Process {
        let dies = dies.map(|(step, times)| format!("{step}:{times}"));
        let variables = dies.as_deref().map(|it| (VARIABLE, it));
        self.process(&self.place, crash_limit, variables)
    }

    /// A worker that has this wire to the server, and no other.
    pub(super) fn worker_through(&self, proxy: &Proxy) -> Process {
        self.process(&self.place_through(proxy), 1000, None)
    }

    /// A worker whose runtime has one thread.
    pub(super) fn worker_of_one_thread(&self) -> Process {
        self.process(&self.place, 1000, Some((ONE_THREAD, "1")))
    }

    /// A worker as a service has it, with these variables.
    pub(super) fn service<'a>(
        &'a self,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Process {
        let folder = self.folder.path().to_str().unwrap();
        let arguments = ["serve", self.place.url(), self.place.effects(), folder];
        self.start(&arguments, variables)
    }

    /// A process of one of two versions of a program.
    pub(super) fn version(&self, version: Version) -> Process {
        let folder = self.folder.path().to_str().unwrap();
        let (url, effects) = (self.place.url(), self.place.effects());
        self.start(&["roll", url, effects, folder, version.name()], None)
    }

    /// The database of the effects.
    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    /// Connections of somebody else to it.
    pub(super) fn another_db(&self) -> Db {
        self.place.db().unwrap()
    }

    /// A process that fires schedules, and dies at the n-th time of a step.
    pub(super) fn scheduler(&self, dies: Option<(&str, u64)>) -> Process {
        let dies = dies.map(|(step, times)| format!("{step}:{times}"));
        let variable = dies.as_deref().map(|it| (VARIABLE, it));
        let folder = self.folder.path().to_str().unwrap();
        let arguments = ["schedule", self.place.url(), self.place.effects(), folder];
        self.start(&arguments, variable)
    }

    /// A process that places orders, and dies at the n-th time of a step.
    pub(super) fn orders(&self, how: Orders, dies: Option<(&str, u64)>) -> Process {
        let dies = dies.map(|(step, times)| format!("{step}:{times}"));
        let variable = dies.as_deref().map(|it| (VARIABLE, it));
        let folder = self.folder.path().to_str().unwrap();
        let how = serde_json::to_string(&how).unwrap();
        let arguments = [
            "order",
            self.place.url(),
            self.place.effects(),
            folder,
            &how,
        ];
        self.start(&arguments, variable)
    }

    /// A process that does this (`schedule`, or `work` and its crash limit) and is shown a clock that is so many seconds wrong.
    pub(super) fn by_clock(&self, clock: &WrongClock, seconds: i64, does: &[&str]) -> Process {
        let folder = self.folder.path().to_str().unwrap();
        let place = [self.place.url(), self.place.effects(), folder];
        let arguments = [&does[..1], &place, &does[1..]].concat();
        let variables = clock.by(seconds);
        self.start(
            &arguments,
            variables
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        )
    }

    fn process(&self, place: &Place, crash_limit: u32, variable: Option<(&str, &str)>) -> Process {
        let folder = self.folder.path().to_str().unwrap();
        let limit = crash_limit.to_string();
        let arguments = ["work", place.url(), place.effects(), folder, &limit];
        self.start(&arguments, variable)
    }

    fn start<'a>(
        &self,
        arguments: &[&'a str],
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Process {
        let program = Path::new(env!("CARGO_BIN_EXE_crash-worker"));
        let arguments = arguments.iter().copied();
        Process::start(program, self.folder.path(), arguments, variables).unwrap()
    }

    /// What the processes have written down so far.
    pub(super) fn lines(&self) -> Vec<Line> {
        crash::lines(self.folder.path()).unwrap()
    }

    /// What is left when all jobs are at an end, and nothing of it is wrong.
    pub(super) async fn verdict(&self, enqueued: usize) -> Verdict {
        self.verdict_within(PATIENCE, enqueued).await
    }

    /// The same, where there is more to do than the usual patience lasts for.
    pub(super) async fn verdict_within(&self, patience: Duration, enqueued: usize) -> Verdict {
        let folder = self.folder.path();
        let verdict = Verdict::of(&*self.store, &self.db, folder, patience).await;
        let verdict = verdict.unwrap_or_else(|error| panic!("{error}\n{}", self.logs()));
        let faults = verdict.faults(enqueued, LEASE);
        assert!(faults.is_empty(), "{faults:#?}\n{}", self.logs());
        verdict
    }

    /// Waits until a process has written this down so many times.
    pub(super) async fn written(&self, what: &str, times: usize) {
        let of = |it: &&Line| it.what == what;
        let said = format!("somebody wrote `{what}` {times} times");
        self.eventually(&said, async || {
            self.lines().iter().filter(of).count() >= times
        })
        .await;
    }

    /// Waits until this is true.
    pub(super) async fn eventually(&self, what: &str, is_true: impl AsyncFn() -> bool) {
        let seen = async {
            while !is_true().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        assert!(
            waited.is_ok(),
            "not true after {PATIENCE:?}: {what}\n{}",
            self.logs()
        );
    }

    pub(super) async fn remove(self) {
        self.db.close().await;
        self.store.close().await;
        self.place.remove().await.unwrap();
    }

    /// What the processes said on stderr.
    pub(super) fn logs(&self) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "log") {
                all += &std::fs::read_to_string(path).unwrap_or_default();
            }
        }
        all
    }
}
