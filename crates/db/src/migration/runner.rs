//! Applies migrations and takes them back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use atlas_core::{Component, Diagnostic};
use sea_orm::ConnectionTrait;

use super::{Migration, MigrationState, MigrationStatus, Schema, record};
use crate::{Db, Error, diagnostics};

/// The migrations of a service, in order of their names, and the database they are for.
#[derive(Clone)]
pub struct Migrations {
    db: Db,
    known: Arc<[Arc<dyn Migration>]>,
}

impl Component for Migrations {}

impl Migrations {
    /// Sorts the migrations by name.
    ///
    /// # Errors
    ///
    /// A208 when two have the same name.
    pub fn new(db: Db, mut known: Vec<Arc<dyn Migration>>) -> Result<Self, Diagnostic> {
        known.sort_by_key(|migration| migration.name());
        if let Some(pair) = known
            .windows(2)
            .find(|pair| pair[0].name() == pair[1].name())
        {
            let help = "give one of them another file name; the name is what orders and records a migration";
            return Err(diagnostics::migration_failed(
                &db,
                pair[0].name(),
                "is contributed twice",
                help,
            ));
        }
        Ok(Self {
            db,
            known: known.into(),
        })
    }

    /// Every migration that the code or the database knows, by name.
    ///
    /// # Errors
    ///
    /// A206 when the database cannot be read.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, Diagnostic> {
        let records = record::all(&self.db)
            .await
            .map_err(|error| diagnostics::unreachable(&self.db, error))?;
        let known = self.known.iter().map(|migration| {
            let record = records
                .iter()
                .find(|record| record.name == migration.name());
            let state = if record.is_some() {
                MigrationState::Applied
            } else {
                MigrationState::Pending
            };
            let applied_at = record.map(|record| record.applied_at);
            MigrationStatus {
                name: migration.name().to_owned(),
                state,
                applied_at,
            }
        });
        let unknown = records
            .iter()
            .filter(|record| self.find(&record.name).is_none())
            .map(|record| MigrationStatus {
                name: record.name.clone(),
                state: MigrationState::Unknown,
                applied_at: Some(record.applied_at),
            });
        let mut all: Vec<_> = known.chain(unknown).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// Succeeds when the schema is exactly what the code expects.
    ///
    /// # Errors
    ///
    /// A204 when the database knows more, A203 when it knows less, A206 when it cannot be read.
    pub async fn check(&self) -> Result<(), Diagnostic> {
        let status = self.status().await?;
        self.refuse_unknown(&status)?;
        let pending = names(&status, MigrationState::Pending);
        if pending.is_empty() {
            Ok(())
        } else {
            Err(diagnostics::pending(&self.db, &pending))
        }
    }

    /// Applies what is pending, in order, and returns the names of what it applied.
    ///
    /// Two processes may do so at the same time: each migration looks inside its own transaction whether the other one
    /// was faster.
    ///
    /// # Errors
    ///
    /// A204 when the database knows more than the code, A208 when a migration fails (those before it stay applied),
    /// A206 when the database cannot be used.
    pub async fn up(&self) -> Result<Vec<String>, Diagnostic> {
        let status = self.status().await?;
        self.refuse_unknown(&status)?;
        let pending = names(&status, MigrationState::Pending);
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        record::create_table(&self.db)
            .await
            .map_err(|error| diagnostics::unreachable(&self.db, error))?;
        let mut applied = Vec::new();
        for migration in pending.into_iter().filter_map(|name| self.find(name)) {
            if self.apply(&**migration).await? {
                applied.push(migration.name().to_owned());
            }
        }
        Ok(applied)
    }

    /// Takes the latest `steps` applied migrations back, the latest first, and returns the names of those it took back.
    ///
    /// Two processes may do so at the same time, as with [`up`](Self::up): what the other one has taken back is left out.
    ///
    /// # Errors
    ///
    /// A204 when the database knows more than the code, A208 when a migration fails or is irreversible, A206 when the
    /// database cannot be used.
    pub async fn down(&self, steps: usize) -> Result<Vec<String>, Diagnostic> {
        let status = self.status().await?;
        self.refuse_unknown(&status)?;
        let applied = names(&status, MigrationState::Applied);
        let mut reverted = Vec::new();
        for migration in applied
            .into_iter()
            .rev()
            .take(steps)
            .filter_map(|name| self.find(name))
        {
            if self.revert(&**migration).await? {
                reverted.push(migration.name().to_owned());
            }
        }
        Ok(reverted)
    }

    /// Applies one migration unless another process did so meanwhile; says whether it was applied here.
    async fn apply(&self, migration: &dyn Migration) -> Result<bool, Diagnostic> {
        let (db, name) = (&self.db, migration.name());
        let schema = self.describe(migration, |it, schema| it.up(schema))?;
        let started = Instant::now();
        let outcome: Result<bool, Error> = db
            .transaction(|| async {
                if record::exists(db, name).await? {
                    return Ok(false);
                }
                schema.apply(db).await?;
                let took = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
                record::add(db, name, took).await?;
                Ok(true)
            })
            .await;
        if let Ok(true) = outcome {
            tracing::info!(target: "atlas::db", migration = name, took = ?started.elapsed(), "migration applied");
        }
        outcome.map_err(|error| {
            let help = "it is not recorded; correct it and run `migrate up` again";
            diagnostics::migration_failed(db, name, &format!("failed: {error}"), help).source(error)
        })
    }

    /// Takes one migration back unless another process did so meanwhile; says whether it was taken back here.
    async fn revert(&self, migration: &dyn Migration) -> Result<bool, Diagnostic> {
        let (db, name) = (&self.db, migration.name());
        let schema = self.describe(migration, |it, schema| it.down(schema))?;
        if let Some(reason) = schema.why_irreversible() {
            let help = "restore a backup, or write a new migration that repairs what this one did";
            return Err(diagnostics::migration_failed(
                db,
                name,
                &format!("cannot be taken back: {reason}"),
                help,
            ));
        }
        let outcome: Result<bool, Error> = db
            .transaction(|| async {
                if !record::exists(db, name).await? {
                    return Ok(false);
                }
                schema.apply(db).await?;
                record::remove(db, name).await?;
                Ok(true)
            })
            .await;
        outcome.map_err(|error| {
            let help =
                "it is still recorded as applied; correct its `down` and run `migrate down` again";
            diagnostics::migration_failed(db, name, &format!("was not taken back: {error}"), help)
                .source(error)
        })
    }

    /// Collects the steps. The builders panic on what the engine cannot do, which is an error of the migration.
    fn describe(
        &self,
        migration: &dyn Migration,
        steps: fn(&dyn Migration, &mut Schema),
    ) -> Result<Schema, Diagnostic> {
        let mut schema = Schema::new(self.db.get_database_backend());
        match catch_unwind(AssertUnwindSafe(|| steps(migration, &mut schema))) {
            Ok(()) => Ok(schema),
            Err(panic) => {
                let words = panic.downcast_ref::<String>().map(String::as_str);
                let words = words
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("it panicked");
                let problem = format!("cannot be written for {}: {words}", self.db.system());
                let help = "split it into steps that the engine has, or write them as SQL with `Schema::sql`";
                Err(diagnostics::migration_failed(
                    &self.db,
                    migration.name(),
                    &problem,
                    help,
                ))
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Arc<dyn Migration>> {
        self.known.iter().find(|migration| migration.name() == name)
    }

    fn refuse_unknown(&self, status: &[MigrationStatus]) -> Result<(), Diagnostic> {
        let unknown = names(status, MigrationState::Unknown);
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(diagnostics::unknown(&self.db, &unknown))
        }
    }
}

fn names(status: &[MigrationStatus], state: MigrationState) -> Vec<&str> {
    status
        .iter()
        .filter(|migration| migration.state == state)
        .map(|migration| migration.name.as_str())
        .collect()
}
