//! What can be read about a database while it works.

use std::sync::Arc;

use atlas_config::Profile;
use atlas_core::{App, Component, Module};
use atlas_db::{
    Db, DbConfig, Engine,
    sea_orm::{ConnectionTrait, EntityTrait},
};
use prometheus_client::{collector::Collector, encoding::text::encode, registry::Registry};
use tokio::task::JoinHandle;

use crate::support::{
    Place,
    engines::{TestDb, on_every_engine, on_every_server},
    ids, note, write,
};

/// Reads the metrics as a scrape does.
#[derive(Clone)]
pub(crate) struct Scrape(Vec<Arc<dyn Collector>>);

impl Component for Scrape {}

/// A collector that a registry can own.
#[derive(Debug)]
struct Shared(Arc<dyn Collector>);

impl Collector for Shared {
    fn encode(
        &self,
        encoder: prometheus_client::encoding::DescriptorEncoder<'_>,
    ) -> std::fmt::Result {
        self.0.encode(encoder)
    }
}

impl Scrape {
    pub(crate) fn read(&self) -> String {
        let mut registry = Registry::default();
        for collector in &self.0 {
            registry.register_collector(Box::new(Shared(Arc::clone(collector))));
        }
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }
}

/// A database, and its metrics.
pub(crate) async fn measured(config: DbConfig) -> (Db, Scrape) {
    let app = App::new("notes")
        .module(atlas_db::module())
        .module(Module::new("scrape").provide(Scrape).supply(Profile::Test))
        .with(|module| module.replace(move || config.clone()));
    app.resolve().await.unwrap()
}

#[track_caller]
fn assert_line(text: &str, line: &str) {
    assert!(
        text.lines().any(|it| it == line),
        "no line `{line}` in\n{text}"
    );
}

/// How long a caller waits for a connection here: long enough for a busy machine to read the metrics meanwhile.
const WAIT: std::time::Duration = std::time::Duration::from_secs(2);

/// Waits until the metrics say so, which they must while the task is at work.
async fn is_said_during<T>(scrape: &Scrape, line: &str, task: &JoinHandle<T>) {
    loop {
        let over = task.is_finished();
        let text = scrape.read();
        if text.contains(line) {
            return;
        }
        assert!(!over, "it was over before anybody saw `{line}`\n{text}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn pools_and_statements_are_measured_under_their_conventional_names() {
    let place = Place::new();
    let config = DbConfig {
        acquire_timeout: WAIT.into(),
        ..DbConfig::at(place.url())
    };
    let (db, scrape) = measured(config).await;

    db.execute_unprepared("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        .await
        .unwrap();
    write(&db, 1).await.unwrap();
    write(&db, 1).await.unwrap_err();
    ids(&db).await;
    db.transaction(|| async {
        let text = scrape.read();
        assert_line(&text, r#"db_client_connection_count{db_client_connection_pool_name="writer",db_client_connection_state="used"} 1"#);
        let outside = tokio::spawn({
            let db = db.clone();
            async move { write(&db, 2).await }
        });
        let waiting = r#"db_client_connection_pending_requests{db_client_connection_pool_name="writer"} 1"#;
        is_said_during(&scrape, waiting, &outside).await;
        outside.await.unwrap().unwrap_err();
        Ok::<_, atlas_db::Error>(())
    })
    .await
    .unwrap();

    let text = scrape.read();
    let writer = r#"db_client_connection_pool_name="writer""#;
    let readers = r#"db_client_connection_pool_name="readers""#;
    for line in [
        format!("db_client_connection_count{{{writer},db_client_connection_state=\"idle\"}} 1"),
        format!("db_client_connection_count{{{readers},db_client_connection_state=\"idle\"}} 1"),
        format!("db_client_connection_max{{{writer}}} 1"),
        format!("db_client_connection_max{{{readers}}} 8"),
        format!("db_client_connection_pending_requests{{{writer}}} 0"),
        format!("db_client_connection_timeouts_total{{{writer}}} 1"),
        format!("db_client_connection_timeouts_total{{{readers}}} 0"),
        format!("db_client_connection_create_time_seconds_count{{{writer}}} 1"),
        format!("db_client_connection_wait_time_seconds_count{{{readers}}} 1"),
        format!("db_client_connection_use_time_seconds_count{{{readers}}} 1"),
        r#"db_client_operation_duration_seconds_count{db_system_name="sqlite",db_operation_name="SELECT",db_collection_name="notes"} 1"#.into(),
        r#"db_client_operation_duration_seconds_count{db_system_name="sqlite",db_operation_name="INSERT",db_collection_name="notes"} 1"#.into(),
        // the key that was there, and the pool that had no connection
        r#"db_client_operation_duration_seconds_count{db_system_name="sqlite",db_operation_name="INSERT",db_collection_name="notes",db_response_status_code="1555",error_type="1555"} 1"#.into(),
        r#"db_client_operation_duration_seconds_count{db_system_name="sqlite",db_operation_name="INSERT",db_collection_name="notes",error_type="pool_timeout"} 1"#.into(),
    ] {
        assert_line(&text, &line);
    }
    let buckets = text
        .lines()
        .filter(|line| {
            line.contains("operation_duration_seconds_bucket") && line.contains("SELECT")
        })
        .filter_map(|line| line.split("le=\"").nth(1)?.split('"').next())
        .collect::<Vec<_>>();
    assert_eq!(
        buckets,
        [
            "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1.0", "5.0", "10.0", "+Inf"
        ]
    );
}

/// The labels of a database.
fn database(test: &TestDb) -> String {
    let system = match test.engine {
        Engine::Sqlite => return "db_system_name=\"sqlite\",".to_owned(),
        Engine::Postgres => "postgresql",
        Engine::MySql => "mysql",
        Engine::MariaDb => "mariadb",
    };
    format!(
        "db_system_name=\"{system}\",db_namespace=\"{}\",",
        test.name()
    )
}

on_every_server! {
    async fn the_pool_and_the_statements_of_a_server_have_their_conventional_names(test: TestDb) {
        note::create(&test.db).await;
        let (db, scrape) = measured(DbConfig { max_connections: 3, ..DbConfig::at(&test.url) }).await;
        write(&db, 1).await.unwrap();
        ids(&db).await;
        let text = scrape.read();
        let (pool, database) = ("db_client_connection_pool_name=\"primary\"", database(test));
        for line in [
            format!("db_client_connection_count{{{pool},db_client_connection_state=\"idle\"}} 1"),
            format!("db_client_connection_count{{{pool},db_client_connection_state=\"used\"}} 0"),
            format!("db_client_connection_max{{{pool}}} 3"),
            format!("db_client_connection_pending_requests{{{pool}}} 0"),
            format!("db_client_connection_timeouts_total{{{pool}}} 0"),
            format!("db_client_connection_create_time_seconds_count{{{pool}}} 1"),
            format!("db_client_connection_wait_time_seconds_count{{{pool}}} 2"),
            format!("db_client_connection_use_time_seconds_count{{{pool}}} 2"),
            format!("db_client_operation_duration_seconds_count{{{database}db_operation_name=\"INSERT\",db_collection_name=\"notes\"}} 1"),
            format!("db_client_operation_duration_seconds_count{{{database}db_operation_name=\"SELECT\",db_collection_name=\"notes\"}} 1"),
        ] {
            assert_line(&text, &line);
        }
        db.close().await;
    }
}

on_every_engine! {
    async fn a_pool_that_is_exhausted_is_a_typed_error_in_bounded_time_and_seen(test: TestDb) {
        note::create(&test.db).await;
        let config = DbConfig {
            max_connections: 1,
            acquire_timeout: WAIT.into(),
            migrate: atlas_db::Migrate::Check,
            ..DbConfig::at(&test.url)
        };
        let (db, scrape) = measured(config).await;
        let pool = if test.engine == Engine::Sqlite { "writer" } else { "primary" };
        let of = |name: &str, rest: &str| {
            format!("{name}{{db_client_connection_pool_name=\"{pool}\"{rest}}}")
        };
        let waiting = of("db_client_connection_pending_requests", "");
        let waits = |text: &str| -> u64 {
            let line = of("db_client_connection_wait_time_seconds_count", "");
            let found = text.lines().find_map(|it| it.strip_prefix(&format!("{line} "))).unwrap();
            found.parse().unwrap()
        };
        let before = waits(&scrape.read());
        db.transaction(|| async {
            let outside = tokio::spawn({
                let db = db.clone();
                async move {
                    let started = std::time::Instant::now();
                    let error = write(&db, 1).await.unwrap_err();
                    (error, started.elapsed())
                }
            });
            is_said_during(&scrape, &format!("{waiting} 1\n"), &outside).await;
            let (error, took) = outside.await.unwrap();
            assert!(error.is_transient(), "{error}");
            assert!(error.to_string().contains("database.max_connections"), "{error}");
            assert!(took >= WAIT && took < 10 * WAIT, "{took:?}");
            Ok::<_, atlas_db::Error>(())
        })
        .await
        .unwrap();
        write(&db, 1).await.unwrap();
        let text = scrape.read();
        assert_line(&text, &format!("{waiting} 0"));
        assert_line(&text, &format!("{} 1", of("db_client_connection_timeouts_total", "")));
        assert_line(&text, &format!("{} 1", of("db_client_connection_max", "")));
        assert_line(&text, &format!(
            "{} 0", of("db_client_connection_count", ",db_client_connection_state=\"used\"")
        ));
        assert!(waits(&text) >= before + 2, "the transaction and the write\n{text}");
        db.close().await;
    }

    async fn a_failure_is_counted_by_the_code_of_its_engine(test: TestDb) {
        note::create(&test.db).await;
        let (db, scrape) = measured(DbConfig::at(&test.url)).await;
        write(&db, 1).await.unwrap();
        write(&db, 1).await.unwrap_err();
        let code = match test.engine {
            Engine::Sqlite => "1555",
            Engine::Postgres => "23505",
            Engine::MySql | Engine::MariaDb => "1062",
        };
        let database = database(test);
        assert_line(&scrape.read(), &format!(
            "db_client_operation_duration_seconds_count{{{database}\
             db_operation_name=\"INSERT\",db_collection_name=\"notes\",\
             db_response_status_code=\"{code}\",error_type=\"{code}\"}} 1"
        ));
        db.close().await;
    }
}

on_every_engine! {
    async fn a_stream_counts_as_one_statement_and_only_until_its_first_row(test: TestDb) {
        let (db, scrape) = measured(DbConfig::at(&test.url)).await;
        note::create(&db).await;
        for id in 0..100 {
            write(&db, id).await.unwrap();
        }
        let counted = || {
            let text = scrape.read();
            let lines = text
                .lines()
                .filter(|it| it.starts_with("db_client_operation_duration_seconds_count"));
            let of = |wanted: &str| {
                let lines = lines.clone().filter(|it| wanted.is_empty() || it.contains(wanted));
                lines.map(|it| it.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum::<u64>()
            };
            (of("db_operation_name=\"SELECT\",db_collection_name=\"notes\""), of(""))
        };
        let (selects, all) = counted();
        let mut rows = db.stream(note::Entity::find());
        rows.next().await.unwrap().unwrap();
        assert_eq!(counted(), (selects + 1, all + 1), "counted when the first row is there");
        while rows.next().await.is_some() {}
        assert_eq!(counted(), (selects + 1, all + 1));
        let inside = db.transaction(|| async {
            let mut rows = db.stream(note::Entity::find());
            while let Some(row) = rows.next().await {
                row?;
            }
            Ok::<_, atlas_db::Error>(())
        });
        inside.await.unwrap();
        assert_eq!(counted(), (selects + 2, all + 2), "in a transaction too");
        db.close().await;
    }
}

#[tokio::test]
async fn the_series_of_an_application_that_never_repeats_itself_are_bounded() {
    let place = Place::new();
    let (db, scrape) = measured(DbConfig::at(place.url())).await;
    for table in 0..700 {
        let sql = format!("INSERT INTO t{table} VALUES (1)");
        db.execute_unprepared(&sql).await.unwrap_err();
    }
    let text = scrape.read();
    let series = text
        .lines()
        .filter(|line| line.contains("duration_seconds_count{"));
    assert!(series.count() <= 520);
    assert!(
        text.contains("db_operation_name=\"INSERT\",error_type=\"_OTHER\""),
        "{text}"
    );
}
