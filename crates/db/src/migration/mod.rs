//! Migrations: how the schema becomes what the code expects.
//!
//! A migration is a pure description: [`up`](Migration::up) and [`down`](Migration::down) add steps to a [`Schema`]
//! with SeaQuery's portable builders or as SQL, and [`Migrations`] carries them out: one process at a time, each migration
//! in a transaction of its own where the engine can undo definitions. What failed is not recorded as applied; where it
//! cannot be undone, it is marked as dirty before it begins. Because the steps are data, they can be shown before they
//! run ([`MigrationPlan`]), looked at for what they may destroy or hold up ([`Lint`]), and compared with what was applied.

mod alter;
mod checksum;
mod history;
mod lint;
mod lock;
mod plan;
mod precise;
mod preview;
mod rebuild;
mod record;
mod repair;
mod runner;
mod schema;
mod script;
mod sql;
mod status;

use std::sync::Arc;

use self::schema::Step;
pub use self::{
    lint::{Lint, Warning},
    plan::{
        Direction, Goal, MigrationPlan, MigrationRun, PlannedMigration, PlannedStep, RunOptions,
    },
    repair::Settled,
    runner::Migrations,
    schema::Schema,
    sql::SqlMigration,
    status::{MigrationState, MigrationStatus},
};
pub(crate) use self::{
    precise::precise,
    script::{Token, split},
};

/// One step in the history of the schema.
pub trait Migration: Send + Sync + 'static {
    /// What it is recorded under, and what orders it: the name of its file, `m20261122_000001_create_products`. Return
    /// [`file_name`]`(file!())`, so that the two cannot differ.
    fn name(&self) -> &'static str;

    /// Describes the change.
    fn up(&self, schema: &mut Schema);

    /// Describes how to take it back; [`Schema::irreversible`] when that cannot be.
    fn down(&self, schema: &mut Schema);

    /// Says that it stands alone: it touches only tables of its own, as that of a library does, so that it matters neither
    /// which of the service's migrations come before it nor which after. It is applied whenever something is, is never out
    /// of order, and is taken back after all others.
    fn standalone(&self) -> bool {
        false
    }
}

/// Makes a migration a component, for [`Module::contribute`](atlas_core::Module::contribute).
pub fn migration(migration: impl Migration) -> Arc<dyn Migration> {
    Arc::new(migration)
}

/// The name of a source file without folders and extension: `file_name(file!())`.
pub const fn file_name(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut end = bytes.len();
    let mut at = bytes.len();
    while at > 0 {
        at -= 1;
        match bytes[at] {
            b'.' if end == bytes.len() => end = at,
            b'/' | b'\\' => {
                let (_, name) = path.split_at(at + 1);
                return name.split_at(end - at - 1).0;
            }
            _ => {}
        }
    }
    path.split_at(end).0
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_has_neither_folder_nor_extension() {
        assert_eq!(file_name("src/migrations/m1_create.rs"), "m1_create");
        assert_eq!(file_name("src\\migrations\\m1_create.rs"), "m1_create");
        assert_eq!(file_name("m1_create.rs"), "m1_create");
        assert_eq!(file_name("src.d/m1"), "m1");
    }
}
