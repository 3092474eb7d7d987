//! What a command would do, before it does it.

use serde::Serialize;

use super::{Schema, Step, Warning, lint};

/// Where migrating shall lead.
///
/// A migration is named in full, or by an end of its name that no other one has: `create_teas` for
/// `m20261122_000001_create_teas`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Goal {
    /// Everything is applied.
    Latest,
    /// What is pending up to this migration is applied, and nothing is taken back.
    UpTo(String),
    /// This migration is the last one applied: what is pending before it is applied, what comes after it is taken back.
    At(String),
    /// As many as these are taken back, the latest first.
    Back(usize),
    /// What comes after this migration is taken back.
    BackTo(String),
    /// What the last run applied is taken back.
    Rollback,
    /// As many as these are taken back and applied again.
    Redo(usize),
}

/// What a run may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    pub(super) out_of_order: bool,
    pub(super) refuse_destructive: bool,
}

impl RunOptions {
    /// A run that keeps the order, and does not ask about steps that destroy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies migrations that are older than one that was applied already, as it comes of merging branches.
    #[must_use]
    pub fn allow_out_of_order(mut self, allow: bool) -> Self {
        self.out_of_order = allow;
        self
    }

    /// Refuses (A214) when a step destroys rows or values, and its migration does not [allow](Schema::allow) it.
    #[must_use]
    pub fn refuse_destructive(mut self, refuse: bool) -> Self {
        self.refuse_destructive = refuse;
        self
    }
}

/// Which way a migration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is taken back.
    Down,
}

/// A migration that would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// A failure undoes all of it.
    pub transaction: bool,
    /// SQLite's foreign keys rest meanwhile.
    pub without_foreign_keys: bool,
    /// Its steps, in order.
    pub steps: Vec<PlannedStep>,
    /// What deserves a second look.
    pub warnings: Vec<Warning>,
    /// Why it cannot be taken back.
    pub irreversible: Option<String>,
}

/// A step that would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedStep {
    /// A statement.
    Sql(String),
    /// Code of the migration; what it does shows when it runs.
    Code,
}

/// What would run, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationPlan {
    /// The migrations.
    pub migrations: Vec<PlannedMigration>,
    /// Nothing was applied to the database so far, so there is nothing that could be lost or held up.
    pub new_database: bool,
}

impl MigrationPlan {
    /// Says whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }

    /// The warnings that concern this database, each with the name of its migration; none when it is new.
    pub fn warnings(&self) -> impl Iterator<Item = (&str, &Warning)> {
        let concerned = if self.new_database {
            &[]
        } else {
            self.migrations.as_slice()
        };
        concerned.iter().flat_map(|migration| {
            let name = migration.name.as_str();
            migration
                .warnings
                .iter()
                .map(move |warning| (name, warning))
        })
    }

    /// The warnings about rows or values that would be lost.
    pub fn destructive(&self) -> impl Iterator<Item = (&str, &Warning)> {
        self.warnings().filter(|(_, warning)| warning.destructive)
    }
}

/// A migration that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationRun {
    /// Its name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
}

/// Describes a migration that would run.
pub(super) fn planned(name: &str, direction: Direction, schema: &Schema) -> PlannedMigration {
    PlannedMigration {
        name: name.to_owned(),
        direction,
        transaction: schema.is_transactional(),
        without_foreign_keys: schema.without_foreign_keys,
        steps: schema
            .steps
            .iter()
            .map(|step| Step::text(step).map_or(PlannedStep::Code, PlannedStep::Sql))
            .collect(),
        warnings: lint::examine(schema),
        irreversible: schema.irreversible.clone(),
    }
}
