//! The first seeding of a new database, which something may cut short.

use atlas_core::Diagnostic;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, ColumnDef, Table},
};

use super::Seeds;
use crate::{Error, diagnostics};

/// A table that is there, and empty, for as long as a new database waits for its seeds.
const TABLE: &str = "atlas_seeding";

impl Seeds {
    /// Says whether a new database waits for its first seeds still: [`owe`](Self::owe) was called, and what should have
    /// followed was cut short.
    ///
    /// # Errors
    ///
    /// A206 when the database cannot be read.
    pub async fn is_owed(&self) -> Result<bool, Diagnostic> {
        let there = self.db.0.engine.has_table(TABLE).await;
        self.told(there.map_err(Error::from))
    }

    /// Notes in the database that it waits for its first seeds, until [`settle`](Self::settle) is called. Call it before the
    /// migrations: a process that dies between the two then leaves a database that is known to be unfinished.
    ///
    /// # Errors
    ///
    /// A206 when the database cannot be written.
    pub async fn owe(&self) -> Result<(), Diagnostic> {
        let mut table = Table::create();
        let column = ColumnDef::new("nothing").integer().take();
        table.table(Alias::new(TABLE)).if_not_exists().col(column);
        let made = self.db.execute(&table).await;
        self.told(made.map(drop).map_err(Error::from))
    }

    /// Notes that the database has its first seeds.
    ///
    /// # Errors
    ///
    /// A206 when the database cannot be written.
    pub async fn settle(&self) -> Result<(), Diagnostic> {
        let mut table = Table::drop();
        let dropped = self
            .db
            .execute(table.table(Alias::new(TABLE)).if_exists())
            .await;
        self.told(dropped.map(drop).map_err(Error::from))
    }

    fn told<T>(&self, outcome: Result<T, Error>) -> Result<T, Diagnostic> {
        outcome.map_err(|error| diagnostics::unreachable(&self.db, error))
    }
}
