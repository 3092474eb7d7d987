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
    /// The number of the run that applied it; `rollback` takes back what has the highest one.
    pub group: Option<i32>,
    /// It is pending, and one that comes after it was applied already.
    pub out_of_order: bool,
}

/// What is known of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MigrationState {
    /// The code has it and the database too.
    Applied,
    /// The code has it, the database not yet.
    Pending,
    /// The database has it, the code does not know it: the database was migrated by a newer build.
    Unknown,
    /// The database has it, but its steps in the code are others than those that were applied.
    Changed,
    /// It was begun without a transaction and did not end: nobody knows how much of it is done.
    Dirty,
}

impl MigrationState {
    /// Its name, such as `applied`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
            Self::Dirty => "dirty",
        }
    }
}
