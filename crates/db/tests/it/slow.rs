//! Slow statements are logged.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use atlas_config::Duration;
use atlas_db::{Engine, sea_orm::EntityTrait};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::support::{
    engines::{TestDb, on_every_engine},
    note,
};

/// Keeps the words of warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut words = Words(format!("{}: ", event.metadata().target()));
        event.record(&mut words);
        self.0.lock().unwrap().push(words.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

async fn find(test: &TestDb, slow: Duration) -> Vec<String> {
    let db = test.open(|config| config.slow_statement = slow);
    db.ping().await.unwrap();
    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    note::Entity::find_by_id(4711).one(&db).await.unwrap();
    drop(guard);
    db.close().await;
    warnings.0.lock().unwrap().clone()
}

on_every_engine! {
    async fn a_slow_statement_is_logged_without_its_parameters(test: TestDb) {
        note::create(&test.db).await;
        let logged = find(test, Duration::default()).await;
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(logged[0].starts_with("atlas::db: "), "{logged:?}");
        let system = format!("db.system.name=\"{}\"", test.engine.system());
        let text = match test.engine {
            Engine::Sqlite => r#"WHERE \"notes\".\"id\" = ?"#,
            Engine::Postgres => r#"WHERE \"notes\".\"id\" = $1"#,
            Engine::MySql | Engine::MariaDb => "WHERE `notes`.`id` = ?",
        };
        for part in ["db.operation.name=\"SELECT\"", &system, text] {
            assert!(logged[0].contains(part), "no {part} in {logged:?}");
        }
        assert!(!logged[0].contains("4711"), "{logged:?}");
        assert_eq!(find(test, Duration::from_secs(3600)).await, [] as [String; 0]);
    }
}
