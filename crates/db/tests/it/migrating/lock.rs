//! One process at a time migrates.

use std::{
    fmt,
    fs::File,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use atlas_db::{
    Db, Engine, Migration, MigrationState, Migrations, Schema,
    migration::{Goal, migration},
    sea_orm::{ConnectionTrait, Statement},
};
use tokio::sync::Notify;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::{Make, all, cups, number, of, price, says, teas};
use crate::{
    faults::proxy::{Proxy, address},
    metrics::measured,
    support::{
        engines::{TestDb, on_every_engine, on_every_server},
        value,
    },
};

/// What the lock is called on MySQL and MariaDB.
const NAME: &str = "SELECT CONCAT('atlas_migrations_', LEFT(SHA2(DATABASE(), 256), 32))";

/// Holds the lock as another process would.
struct Holder {
    _file: Option<File>,
    connection: Option<Db>,
}

impl Holder {
    async fn new(test: &TestDb) -> Self {
        let sql = match test.engine {
            Engine::Sqlite => {
                let path = test.url.replace("sqlite://", "") + "-migrate";
                std::fs::write(&path, "process 4711\n").unwrap();
                let file = File::open(path).unwrap();
                file.lock().unwrap();
                return Self {
                    _file: Some(file),
                    connection: None,
                };
            }
            Engine::Postgres => "SELECT 1 FROM pg_advisory_lock(x'0061746C61736D69'::bigint)",
            _ => "SELECT GET_LOCK(CONCAT('atlas_migrations_', LEFT(SHA2(DATABASE(), 256), 32)), 0)",
        };
        let connection = test.open(|config| config.max_connections = 1);
        let lock = Statement::from_string(connection.get_database_backend(), sql);
        connection.query_all_raw(lock).await.unwrap();
        Self {
            _file: None,
            connection: Some(connection),
        }
    }

    async fn let_go(self) {
        if let Some(connection) = self.connection {
            connection.close().await;
        }
    }
}

/// Takes out of a message what is different each time.
fn steady(words: &str) -> String {
    let mut text = String::new();
    for line in words.lines() {
        match line.split_once("= help: it is ") {
            Some((start, _)) => text.push_str(&format!("{start}= help: it is <holder>\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    text
}

on_every_engine! {
    async fn who_waits_too_long_learns_who_migrates(test: TestDb) {
        let known: &[Make] = &[teas, price];
        of(&test.db, &[teas]).up().await.unwrap();
        let holder = Holder::new(test).await;
        let impatient = test.open(|config| {
            config.migration_lock_timeout = Duration::from_millis(120).into();
        });
        for refused in [
            of(&impatient, known).up().await.map(drop),
            of(&impatient, &[teas]).down(1).await.map(drop),
        ] {
            let error = refused.unwrap_err();
            assert_eq!((error.code(), error.exit_code()), ("A213", 69));
            let words = error.to_string();
            says(&impatient, "A213.txt", &steady(&words));
            let holder = match test.engine {
                Engine::Sqlite => "it is process 4711",
                _ => "it is connection ",
            };
            assert!(words.contains(holder), "{words}");
        }

        // what only reads, and what has nothing to do, asks for no lock
        let up_to_date = of(&impatient, &[teas]);
        assert_eq!(up_to_date.up().await.unwrap(), [] as [String; 0]);
        up_to_date.check().await.unwrap();
        assert_eq!(of(&impatient, known).plan(&Goal::Latest).await.unwrap().migrations.len(), 1);

        holder.let_go().await;
        assert_eq!(of(&test.db, known).up().await.unwrap(), ["m2_add_price"]);
        impatient.close().await;
    }

    async fn who_waits_finds_nothing_left_to_do(test: TestDb) {
        of(&test.db, &[teas]).up().await.unwrap();
        let gate = Gate::default();
        let one = waiting(&test.db, &gate, "SELECT 1");
        let other = waiting(&test.open(|_| {}), &gate, "SELECT 1");
        let one = tokio::spawn(async move { one.up().await });
        gate.begun.notified().await;
        // without a transaction it looks half-done meanwhile, which it is not
        assert_eq!(all(&other, MigrationState::Dirty).await, ["m2_waiting"]);
        let other = tokio::spawn(async move { other.up().await });
        gate.go_on.notify_one();
        assert_eq!(one.await.unwrap().unwrap(), ["m2_waiting"]);
        assert_eq!(other.await.unwrap().unwrap(), [] as [String; 0]);
        assert_eq!(number(&test.db, "SELECT count(*) FROM atlas_migrations").await, 2);
    }
}

on_every_engine! {
    async fn a_schema_that_is_up_to_date_costs_one_query(test: TestDb) {
        let known: &[Make] = &[teas, price];
        of(&test.db, known).up().await.unwrap();
        let (db, scrape) = measured(atlas_db::DbConfig::at(&test.url)).await;
        let migrations = of(&db, known);
        let before = operations(&scrape.read());
        for _ in 0..3 {
            assert_eq!(migrations.up().await.unwrap(), [] as [String; 0]);
        }
        migrations.check().await.unwrap();
        assert_eq!(operations(&scrape.read()) - before, 4);
        db.close().await;
    }
}

/// How many statements a database has run.
fn operations(metrics: &str) -> u64 {
    let counts = metrics
        .lines()
        .filter(|line| line.starts_with("db_client_operation_duration_seconds_count"));
    let values = counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    values.sum()
}

/// A server that was restarted, or an administrator, ends the connection that has the lock. What is on its way comes to its
/// end; nothing else begins, because another process may have the lock by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_lost_the_lock_begins_nothing_else() {
    for engine in [Engine::Postgres, Engine::MariaDb, Engine::MySql] {
        let Some(test) = crate::support::engines::fresh(engine).await else {
            continue;
        };
        let gate = Gate::default();
        let known = vec![teas(), migration(Waiting(gate.clone(), "SELECT 1")), cups()];
        let migrations = Migrations::new(test.db.clone(), known).unwrap();
        let running = tokio::spawn({
            let migrations = migrations.clone();
            async move { migrations.up().await }
        });
        gate.begun.notified().await;
        if engine == Engine::Postgres {
            let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' \
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            assert_eq!(number(&test.db, end).await, 1);
        } else {
            let name = value(&test.db, NAME).await;
            let holder = format!("SELECT CAST(IS_USED_LOCK('{name}') AS CHAR)");
            let end = format!("KILL {}", value(&test.db, &holder).await);
            test.db.execute_unprepared(&end).await.unwrap();
        }
        gate.go_on.notify_one();
        let error = running.await.unwrap().unwrap_err();
        assert_eq!(error.code(), "A213", "{error}");
        assert!(error.to_string().contains("was lost"), "{error}");
        assert_eq!(
            all(&migrations, MigrationState::Pending).await,
            ["m3_create_cups"]
        );
        assert_eq!(migrations.up().await.unwrap(), ["m3_create_cups"]);
        test.remove().await;
    }
}

/// Hears of locks that were lost.
#[derive(Clone, Default)]
struct Lost(Arc<Mutex<Vec<String>>>);

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Lost {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "atlas::db" && *metadata.level() == Level::WARN
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        if words.0.contains("no other begins") {
            self.0.lock().unwrap().push(words.0);
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

on_every_server! {
    /// A migration may take hours: it is looked after its lock meanwhile, and a server that is silent is as good as one that
    /// has forgotten it.
    async fn a_lock_that_is_lost_during_a_long_migration_is_missed_before_its_end(test: TestDb) {
        let proxy = Proxy::to(address(&test.url)).await;
        let db = test.open(|config| {
            config.url = proxy.url(&test.url);
            config.connect_timeout = Duration::from_secs(2).into();
        });
        let gate = Gate::default();
        let known = vec![teas(), migration(Waiting(gate.clone(), "SELECT 1")), cups()];
        let migrations = Migrations::new(db.clone(), known).unwrap();
        let lost = Lost::default();
        let guard = tracing::subscriber::set_default(lost.clone());
        let (ended, ()) = tokio::join!(migrations.up(), async {
            gate.begun.notified().await;
            let began = Instant::now();
            proxy.fall_silent();
            // it looks every 15 s, and waits for an answer for 2
            while lost.0.lock().unwrap().is_empty() {
                assert!(began.elapsed() < Duration::from_secs(120), "nobody misses the lock");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(began.elapsed() > Duration::from_secs(2), "the server had its time to answer");
            proxy.speak();
            gate.go_on.notify_one();
        });
        drop(guard);
        let error = ended.unwrap_err();
        assert_eq!(error.code(), "A213", "{error}");
        assert!(error.to_string().contains("was lost"), "{error}");
        let said = lost.0.lock().unwrap().clone();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("was lost"), "{said:?}");

        // what was on its way came to its end, and the next process goes on
        let next = Migrations::new(test.db.clone(), vec![teas(), migration(Waiting(gate, "SELECT 1")), cups()]).unwrap();
        assert_eq!(all(&next, MigrationState::Pending).await, ["m3_create_cups"]);
        assert_eq!(next.up().await.unwrap(), ["m3_create_cups"]);
        db.close().await;
    }
}

/// Says that it has begun, and waits until it may go on.
#[derive(Clone, Default)]
struct Gate {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

struct Waiting(Gate, &'static str);

impl Migration for Waiting {
    fn name(&self) -> &'static str {
        "m2_waiting"
    }

    fn up(&self, schema: &mut Schema) {
        schema.no_transaction();
        let gate = self.0.clone();
        schema.run(move |_| async move {
            gate.begun.notify_one();
            gate.go_on.notified().await;
            Ok(())
        });
        schema.sql(self.1);
    }

    fn down(&self, _: &mut Schema) {}
}

fn waiting(db: &Db, gate: &Gate, then: &'static str) -> Migrations {
    Migrations::new(
        db.clone(),
        vec![teas(), migration(Waiting(gate.clone(), then))],
    )
    .unwrap()
}

/// A session that waited inside of a statement would have a snapshot, for whose end such an index waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_built_concurrently_while_another_process_waits() {
    let Some(test) = crate::support::engines::fresh(Engine::Postgres).await else {
        return;
    };
    of(&test.db, &[teas]).up().await.unwrap();
    let gate = Gate::default();
    let index = "CREATE INDEX CONCURRENTLY teas_by_id ON teas (id)";
    let one = waiting(&test.db, &gate, index);
    let other = waiting(&test.open(|_| {}), &gate, index);
    let one = tokio::spawn(async move { one.up().await });
    gate.begun.notified().await;
    let other = tokio::spawn(async move { other.up().await });
    let asks = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND query LIKE 'SELECT pg_try_advisory_lock%'";
    while number(&test.db, asks).await == 0 {
        tokio::task::yield_now().await;
    }
    gate.go_on.notify_one();
    assert_eq!(one.await.unwrap().unwrap(), ["m2_waiting"]);
    assert_eq!(other.await.unwrap().unwrap(), [] as [String; 0]);
    test.remove().await;
}
