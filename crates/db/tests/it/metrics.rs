//! What can be read about a database while it works.

use std::sync::Arc;

use atlas_config::Profile;
use atlas_core::{App, Component, Module};
use atlas_db::{
    Db, DbConfig,
    sea_orm::{ConnectionTrait, EntityTrait},
};
use prometheus_client::{collector::Collector, encoding::text::encode, registry::Registry};

use crate::support::{Place, ids, note, write};

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

#[tokio::test]
async fn pools_and_statements_are_measured_under_their_conventional_names() {
    let place = Place::new();
    let config = DbConfig {
        acquire_timeout: atlas_config::Duration::from_millis(50),
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
        while !scrape.read().contains(r#"db_client_connection_pending_requests{db_client_connection_pool_name="writer"} 1"#) {
            tokio::task::yield_now().await;
        }
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
        "db_client_operation_duration_seconds_count{db_system_name=\"sqlite\",db_operation_name=\"INSERT\"} 1".into(),
    ] {
        // INSERT through `execute_unprepared` counts as OTHER, because the text may hold several statements
        if line.contains("INSERT") {
            assert!(text.contains("db_operation_name=\"SELECT\"} 1"), "{text}");
            assert!(text.contains("db_operation_name=\"OTHER\",error_type=\"_OTHER\"} 2"), "{text}");
        } else {
            assert_line(&text, &line);
        }
    }
}

#[tokio::test]
async fn a_stream_counts_as_one_statement_and_only_until_its_first_row() {
    let place = Place::new();
    let (db, scrape) = measured(DbConfig::at(place.url())).await;
    db.execute_unprepared("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        .await
        .unwrap();
    for id in 0..100 {
        write(&db, id).await.unwrap();
    }
    let selects = || {
        let text = scrape.read();
        let mut lines = text.lines().filter(|it| {
            it.starts_with("db_client_operation_duration_seconds_count") && it.contains("SELECT")
        });
        lines.next().map_or(0, |it| {
            it.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
        })
    };
    let before = selects();
    let mut rows = db.stream(note::Entity::find());
    rows.next().await.unwrap().unwrap();
    assert_eq!(selects(), before + 1, "counted when the first row is there");
    while rows.next().await.is_some() {}
    assert_eq!(selects(), before + 1);
}
