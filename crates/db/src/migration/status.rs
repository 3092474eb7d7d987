//! Where a database stands in the history of its schema.

use sea_orm::prelude::DateTimeUtc;
use serde::Serialize;

/// One migration as the database and the code see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// Whether it was applied, and whether the code knows it.
    pub state: MigrationState,
    /// When it was applied.
    pub applied_at: Option<DateTimeUtc>,
}

/// What is known of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationState {
    /// The code has it and the database too.
    Applied,
    /// The code has it, the database not yet.
    Pending,
    /// The database has it, the code does not know it: the database was migrated by a newer build.
    Unknown,
}
