//! Entities against migrations.

#[rustfmt::skip]
mod drafts;
mod entities;
mod faithful;
mod history;
mod round_trip;
mod scratch;

use atlas_db::{Db, DbConfig, EntityTable, Migration, Migrations, Models};
use std::sync::Arc;

/// The comparison of a service with these migrations and entities.
fn models(
    config: &DbConfig,
    migrations: Vec<Arc<dyn Migration>>,
    entities: Vec<EntityTable>,
) -> Models {
    let db = Db::new(config).unwrap();
    let migrations = Migrations::new(db, migrations).unwrap();
    Models::new(config.clone(), migrations, entities)
}

/// What differs, a line each.
async fn told(models: &Models) -> String {
    let diff = models.diff().await.unwrap();
    let lines = diff.differences().into_iter().map(|it| {
        let mark = if it.destructive { "! " } else { "  " };
        format!("{mark}{}\n", it.what)
    });
    lines.collect()
}
