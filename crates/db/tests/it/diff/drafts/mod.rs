//! What `migrate diff` drafts, compiled as it stands. `UPDATE_GOLDEN=1` writes the drafts anew.

#[path = "sqlite.draft"] mod sqlite;
#[path = "postgres.draft"] mod postgres;
#[path = "mysql.draft"] mod mysql;

use std::sync::Arc;

use atlas_db::{Migration, migration, sea_orm::DbBackend};

/// The draft for an engine.
pub(super) fn of(backend: DbBackend) -> Arc<dyn Migration> {
    match backend {
        DbBackend::Postgres => migration(postgres::TeasOfMakers),
        DbBackend::MySql => migration(mysql::TeasOfMakers),
        _ => migration(sqlite::TeasOfMakers),
    }
}
