//! The comparison.

use atlas_core::{Component, Diagnostic};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::{
    Difference, Draft, EntityTable,
    change::Change,
    compare::{Sides, changes},
    diagnostics,
    entity::Wanted,
    inspect,
    scratch::Scratch,
    shape::Table,
};
use crate::{Db, DbConfig, Error, Migrations, diagnostics::unreachable, migration::precise};

/// The entities of a service, and the migrations that make their tables.
#[derive(Clone)]
pub struct Models {
    config: DbConfig,
    migrations: Migrations,
    entities: Vec<EntityTable>,
}

impl Component for Models {}

/// How the entities and the migrations differ.
#[derive(Clone, Debug)]
pub struct ModelDiff {
    backend: DbBackend,
    changes: Vec<Change>,
}

impl Models {
    /// Collects what the modules contributed.
    pub fn new(config: DbConfig, migrations: Migrations, entities: Vec<EntityTable>) -> Self {
        Self {
            config,
            migrations,
            entities,
        }
    }

    /// The tables that modules contributed.
    pub fn entities(&self) -> &[EntityTable] {
        &self.entities
    }

    /// Compares the entities with the schema that the migrations give to an empty database. The configured database is not
    /// touched; on a server two others are made beside it and removed.
    ///
    /// # Errors
    ///
    /// A215 when no other database can be made, A208 when a migration fails, A206 when the server does not answer.
    pub async fn diff(&self) -> Result<ModelDiff, Diagnostic> {
        let scratch = Scratch::new(&self.config).await?;
        let found = self.migrated(&scratch.db).await;
        scratch.remove().await;
        let (backend, found) = found?;

        let wanted: Vec<Wanted> = self
            .entities
            .iter()
            .filter_map(|entity| entity.describe(backend))
            .collect();
        let scratch = Scratch::new(&self.config).await?;
        let native = self.described(&scratch.db, &wanted).await;
        scratch.remove().await;
        let native = native?;

        let unmapped: Vec<String> = self
            .entities
            .iter()
            .filter(|entity| entity.describe(backend).is_none())
            .map(|entity| entity.name().to_owned())
            .collect();
        let changes = changes(&Sides {
            backend,
            wanted: &wanted,
            native: &native,
            found: &found,
            unmapped: &unmapped,
        });
        Ok(ModelDiff { backend, changes })
    }

    /// Succeeds when the entities and the migrations agree.
    ///
    /// # Errors
    ///
    /// A215 when they differ, and as [`diff`](Self::diff).
    pub async fn check(&self) -> Result<(), Diagnostic> {
        let diff = self.diff().await?;
        if diff.is_empty() {
            Ok(())
        } else {
            Err(diagnostics::models_differ(&diff.differences()))
        }
    }

    /// The schema of the migrations.
    async fn migrated(&self, db: &Db) -> Result<(DbBackend, Vec<Table>), Diagnostic> {
        self.migrations.on(db.clone()).up().await?;
        Ok((db.get_database_backend(), self.read(db).await?))
    }

    /// The schema of the entities, as far as it is columns.
    async fn described(&self, db: &Db, wanted: &[Wanted]) -> Result<Vec<Table>, Diagnostic> {
        for entity in wanted {
            self.make(db, entity).await.map_err(|error| {
                diagnostics::bad_entity(&entity.table, db.system(), &error.to_string())
            })?;
        }
        self.read(db).await
    }

    async fn make(&self, db: &Db, entity: &Wanted) -> Result<(), Error> {
        for sql in entity.enumerations(db.get_database_backend()) {
            db.execute_unprepared(&sql).await?;
        }
        let create = entity.create();
        let backend = db.get_database_backend();
        // the builders panic on types that an engine lacks
        let built =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| backend.build(&create)));
        let mut statement = built.map_err(|_| {
            DbErr::Custom("one of its columns has a type that this engine lacks".into())
        })?;
        // as a migration would
        if backend == DbBackend::MySql {
            statement = precise(statement);
        }
        db.execute_raw(statement).await?;
        Ok(())
    }

    async fn read(&self, db: &Db) -> Result<Vec<Table>, Diagnostic> {
        let tables = inspect::tables(db).await;
        tables.map_err(|error| unreachable(db, error))
    }
}

impl ModelDiff {
    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What differs, in the order in which a migration would change it.
    pub fn differences(&self) -> Vec<Difference> {
        self.changes.iter().map(Change::difference).collect()
    }

    /// A migration that makes the differences go, for a person to read.
    pub fn draft(&self, name: &str) -> Draft {
        Draft::new(name, &self.changes, self.backend)
    }
}
