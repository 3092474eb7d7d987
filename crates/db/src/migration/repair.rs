//! What a person says about a database that cannot speak for itself.

use atlas_core::Diagnostic;

use super::{MigrationState, Migrations, lock::Lock, record};
use crate::{Db, Error, diagnostics};

/// What a dirty migration is, now that somebody has looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// All of it is done: it counts as applied.
    Applied,
    /// Nothing of it is left: it counts as pending.
    Pending,
}

#[derive(Clone, Copy)]
enum Repair<'a> {
    Settle(&'a str, Settled),
    Checksums,
}

impl Migrations {
    /// Removes the mark of a dirty migration, after somebody has finished or undone its steps by hand.
    ///
    /// # Errors
    ///
    /// A208 when no migration called so is dirty, A213 when another process migrates for too long, A206 when the database
    /// cannot be used.
    pub async fn settle(&self, name: &str, state: Settled) -> Result<String, Diagnostic> {
        let names = self.repair(Repair::Settle(name, state)).await?;
        Ok(names.concat())
    }

    /// Takes the steps of the code for those that were applied, where the two differ; returns the names.
    ///
    /// # Errors
    ///
    /// A208 when a migration cannot be written for the engine, A213 when another process migrates for too long, A206 when
    /// the database cannot be used.
    pub async fn accept_checksums(&self) -> Result<Vec<String>, Diagnostic> {
        self.repair(Repair::Checksums).await
    }

    async fn repair(&self, repair: Repair<'_>) -> Result<Vec<String>, Diagnostic> {
        let db = self.db.aside();
        let outcome = match Lock::take(&db, self.patience()).await {
            Ok(lock) => {
                let outcome = self.repaired(&db, repair).await;
                lock.release().await;
                outcome
            }
            Err(error) => Err(error),
        };
        db.close_aside(&self.db).await;
        outcome
    }

    async fn repaired(&self, db: &Db, repair: Repair<'_>) -> Result<Vec<String>, Diagnostic> {
        let unusable = |error: Error| diagnostics::unreachable(&self.db, error);
        let records = self.load(db).await?;
        let state = match repair {
            Repair::Settle(..) => MigrationState::Dirty,
            Repair::Checksums => MigrationState::Changed,
        };
        let status = self.history(&records).status()?;
        let mut names: Vec<String> = status
            .into_iter()
            .filter(|it| it.state == state)
            .map(|it| it.name)
            .collect();
        if let Repair::Settle(wanted, _) = repair {
            names.retain(|name| name == wanted || name.ends_with(&format!("_{wanted}")));
            if names.len() != 1 {
                return Err(diagnostics::no_migration(
                    &self.db,
                    wanted,
                    "is none that is dirty",
                ));
            }
        }
        for name in &names {
            let done = match repair {
                Repair::Settle(_, Settled::Pending) => record::remove(db, name).await,
                Repair::Settle(_, Settled::Applied) => {
                    let done = self.record_checksum(db, name).await;
                    match done {
                        Ok(()) => record::set_state(db, name, record::APPLIED).await,
                        Err(error) => Err(error),
                    }
                }
                Repair::Checksums => self.record_checksum(db, name).await,
            };
            done.map_err(unusable)?;
        }
        Ok(names)
    }

    async fn record_checksum(&self, db: &Db, name: &str) -> Result<(), Error> {
        match self.checksum(name) {
            Some(checksum) => record::set_checksum(db, name, &checksum).await,
            None => Ok(()),
        }
    }
}
