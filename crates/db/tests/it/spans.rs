//! What tracing sees of statements and transactions, and what is warned of.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use atlas_core::scope;
use atlas_db::{
    Db, DbConfig, Engine, Error,
    sea_orm::{ConnectionTrait, EntityTrait, Statement},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::support::{engines::on_every_engine, note, write};

pub(crate) type Fields = BTreeMap<String, String>;

/// Keeps spans (at `debug`) and warnings of the database.
#[derive(Clone)]
pub(crate) struct Seen {
    level: Level,
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, Fields>>>,
    open: Arc<Mutex<Vec<u64>>>,
    warnings: Arc<Mutex<Vec<Fields>>>,
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Seen {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.target() == "atlas::db"
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = Fields::new();
        fields.insert("name".into(), attributes.metadata().name().into());
        if let Some(parent) = self.open.lock().unwrap().last() {
            fields.insert("parent".into(), parent.to_string());
        }
        attributes.record(&mut Visitor(&mut fields));
        self.spans.lock().unwrap().insert(id, fields);
        span::Id::from_u64(id)
    }
    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Visitor(spans.get_mut(&id.into_u64()).unwrap()));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        self.warnings.lock().unwrap().push(fields);
    }
    fn enter(&self, id: &span::Id) {
        self.open.lock().unwrap().push(id.into_u64());
    }
    fn exit(&self, id: &span::Id) {
        let mut open = self.open.lock().unwrap();
        let at = open.iter().rposition(|it| *it == id.into_u64()).unwrap();
        open.remove(at);
    }
}

impl Seen {
    pub(crate) fn new(level: Level) -> Self {
        Self {
            level,
            next: Arc::default(),
            spans: Arc::default(),
            open: Arc::default(),
            warnings: Arc::default(),
        }
    }

    fn spans(&self) -> Vec<Fields> {
        self.spans.lock().unwrap().values().cloned().collect()
    }

    pub(crate) fn warnings(&self) -> Vec<Fields> {
        self.warnings.lock().unwrap().clone()
    }
}

async fn find(db: &Db, id: i64) {
    note::Entity::find_by_id(id).one(db).await.unwrap();
}

on_every_engine! {
    async fn a_statement_is_a_span_with_its_conventional_fields(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let seen = Seen::new(Level::DEBUG);
        let guard = tracing::subscriber::set_default(seen.clone());
        find(db, 4711).await;
        write(db, 1).await.unwrap();
        write(db, 1).await.unwrap_err();
        drop(guard);
        let spans = seen.spans();
        assert_eq!(spans.len(), 3, "{spans:#?}");
        let read = &spans[0];
        assert_eq!(read["name"], "db.statement");
        assert_eq!(read["otel.name"], "SELECT notes");
        assert_eq!(read["otel.kind"], "client");
        assert_eq!(read["db.system.name"], test.engine.system());
        assert_eq!(read["db.operation.name"], "SELECT");
        assert_eq!(read["db.collection.name"], "notes");
        assert_eq!(read["db.query.summary"], "SELECT notes");
        assert_eq!(read.contains_key("db.namespace"), test.engine != Engine::Sqlite);
        assert!(!read.contains_key("error.type"));
        let text = &read["db.query.text"];
        assert!(text.starts_with("SELECT ") && !text.contains("4711"), "{text}");
        let words = &spans[1]["db.query.text"];
        assert_eq!(words, "INSERT INTO notes VALUES (?, ?)", "nothing is bound, so literals go");
        let failed = &spans[2];
        assert_eq!(failed["otel.status_code"], "ERROR");
        assert_eq!(failed["db.response.status_code"], failed["error.type"]);
    }

    async fn the_statements_of_a_transaction_are_inside_of_its_span(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let seen = Seen::new(Level::DEBUG);
        let guard = tracing::subscriber::set_default(seen.clone());
        let undone = db
            .transaction(|| async {
                write(db, 1).await?;
                db.transaction(|| write(db, 2)).await?;
                write(db, 1).await
            })
            .await;
        drop(guard);
        assert!(undone.is_err());
        let spans = seen.spans();
        let names: Vec<_> = spans.iter().map(|span| span["otel.name"].as_str()).collect();
        assert_eq!(
            names,
            ["transaction", "INSERT notes", "transaction", "INSERT notes", "INSERT notes"]
        );
        let parents: Vec<_> = spans.iter().map(|span| span.get("parent").map(String::as_str)).collect();
        assert_eq!(parents, [None, Some("1"), Some("1"), Some("3"), Some("1")]);
        assert_eq!(spans[0]["db.system.name"], test.engine.system());
        assert_eq!(spans[0]["atlas.transaction.outcome"], "rolled_back");
        assert_eq!(spans[2]["atlas.transaction.outcome"], "committed");
    }

    async fn a_stream_is_one_span_wherever_it_is_read(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        for id in 0..5 {
            write(db, id).await.unwrap();
        }
        let seen = Seen::new(Level::DEBUG);
        let guard = tracing::subscriber::set_default(seen.clone());
        let read = || async {
            let mut rows = db.stream(note::Entity::find());
            while let Some(row) = rows.next().await {
                row?;
            }
            Ok::<_, Error>(())
        };
        read().await.unwrap();
        db.transaction(read).await.unwrap();
        drop(guard);
        let spans = seen.spans();
        let names: Vec<_> = spans.iter().map(|span| span["otel.name"].as_str()).collect();
        assert_eq!(names, ["SELECT notes", "transaction", "SELECT notes"], "{spans:#?}");
        assert_eq!(spans[2]["parent"], "2");
        let text = &spans[0]["db.query.text"];
        assert!(text.starts_with("SELECT ") && !text.contains("FOR SELECT"), "{text}");
    }

    async fn nothing_is_made_for_nobody(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let seen = Seen::new(Level::INFO);
        let guard = tracing::subscriber::set_default(seen.clone());
        db.transaction(|| async {
            find(db, 1).await;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        drop(guard);
        assert_eq!((seen.spans().len(), seen.warnings().len()), (0, 0));
    }

    async fn a_statement_that_a_unit_of_work_repeats_is_warned_of_once_with_its_line(test: TestDb) {
        note::create(&test.db).await;
        let db = test.open(|config| config.repeat_warning = 10);
        let seen = Seen::new(Level::WARN);
        let guard = tracing::subscriber::set_default(seen.clone());
        // outside of a unit of work nobody knows what belongs together
        for id in 0..30 {
            find(&db, id).await;
        }
        assert_eq!(seen.warnings(), []);
        for _ in 0..2 {
            scope::enter(async {
                for id in 0..10 {
                    find(&db, id).await;
                }
            })
            .await;
        }
        assert_eq!(seen.warnings(), [], "ten are allowed, in each");
        scope::enter(async {
            for id in 0..30 {
                find(&db, id).await;
                write(&db, id).await.unwrap();
            }
        })
        .await;
        drop(guard);
        let warnings = seen.warnings();
        assert_eq!(warnings.len(), 1, "once: {warnings:#?}");
        let warning = &warnings[0];
        assert_eq!(warning["db.collection.name"], "notes");
        assert!(warning["db.query.text"].starts_with("SELECT "));
        let file = &warning["code.file.path"];
        assert!(file.ends_with("tests/it/spans.rs"), "{file}");
        let line: usize = warning["code.line.number"].parse().unwrap();
        let source = include_str!("spans.rs").lines().nth(line - 1).unwrap();
        assert!(source.contains("find_by_id"), "{line}: {source}");
        assert!(warning["message"].contains(&format!("spans.rs:{line}")), "{warning:#?}");
        db.close().await;
    }

    async fn a_test_counts_what_a_use_case_asks(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let queries = db.record_queries();
        let other = test.open(|_| ());
        find(&other, 1).await;
        assert_eq!(queries.count(), 0, "of this handle");
        db.transaction(|| async {
            for id in 0..3 {
                find(db, id).await;
            }
            write(db, 1).await
        })
        .await
        .unwrap();
        assert_eq!(queries.count(), 4, "{queries:?}");
        assert!(queries.texts()[3].starts_with("INSERT INTO notes"));
        let repeated = queries.repeated(1);
        assert_eq!((repeated.len(), repeated[0].1), (1, 3));
        queries.clear();
        assert_eq!(queries.count(), 0);
        drop(queries);
        find(db, 1).await;
        other.close().await;
    }
}

#[tokio::test]
async fn a_slow_statement_is_not_written_down_over_and_over() {
    let place = crate::support::Place::new();
    let db = Db::new(&DbConfig {
        slow_statement: atlas_config::Duration::default(),
        ..DbConfig::at(place.url())
    })
    .unwrap();
    let seen = Seen::new(Level::WARN);
    let _guard = tracing::subscriber::set_default(seen.clone());
    let ask = || Statement::from_string(db.get_database_backend(), "SELECT 'secret', 42");
    for _ in 0..20 {
        db.query_one_raw(ask()).await.unwrap();
    }
    let warnings = seen.warnings();
    assert!(
        warnings.len() < 20,
        "at most one a second: {}",
        warnings.len()
    );
    assert_eq!(warnings[0]["db.query.text"], "SELECT ?, ?");
    assert_eq!(warnings[0]["message"], "slow statement");
}
