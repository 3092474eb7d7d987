//! Slow statements are logged.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use atlas_config::Duration;
use atlas_db::{Db, DbConfig, sea_orm::EntityTrait};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::support::{Place, note};

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

async fn find(place: &Place, slow: Duration) -> Vec<String> {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let db = Db::new(&DbConfig {
        slow_statement: slow,
        ..DbConfig::at(place.url())
    })
    .unwrap();
    note::Entity::find_by_id(4711).one(&db).await.unwrap();
    warnings.0.lock().unwrap().clone()
}

#[tokio::test]
async fn a_slow_statement_is_logged_without_its_parameters() {
    let (place, _db) = Place::with_notes().await;
    let logged = find(&place, Duration::default()).await;
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].starts_with("atlas::db: "), "{logged:?}");
    assert!(
        logged[0].contains("db.operation.name=\"SELECT\""),
        "{logged:?}"
    );
    assert!(
        logged[0].contains("WHERE \\\"notes\\\".\\\"id\\\" = ?"),
        "{logged:?}"
    );
    assert!(!logged[0].contains("4711"), "{logged:?}");
    assert_eq!(
        find(&place, Duration::from_secs(3600)).await,
        [] as [String; 0]
    );
}
