//! What a migration writes its steps into.

use std::{future::Future, pin::Pin};

use sea_orm::{
    DbBackend, DbErr, Statement, StatementBuilder,
    sea_query::{ColumnDef, IntoColumnDef, IntoIden, IntoTableRef, Table},
};

use crate::{Db, Error};

type Work = Box<dyn FnOnce(Db) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> + Send>;

/// The steps of a migration, in the order they were added.
pub struct Schema {
    backend: DbBackend,
    steps: Vec<Step>,
    irreversible: Option<&'static str>,
}

pub(super) enum Step {
    Statement(Statement),
    Text(String),
    Work(Work),
}

impl Schema {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            steps: Vec::new(),
            irreversible: None,
        }
    }

    /// Adds a statement made with a SeaQuery builder: `Table::create()`, `Index::create()`, `Query::insert()`, ….
    pub fn execute(&mut self, statement: &impl StatementBuilder) {
        self.steps
            .push(Step::Statement(statement.build(&self.backend)));
    }

    /// Adds a column to a table. Not null needs a default, because rows may exist.
    pub fn add_column(&mut self, table: impl IntoTableRef, column: impl IntoColumnDef) {
        let column: ColumnDef = column.into_column_def();
        self.execute(Table::alter().table(table).add_column(column));
    }

    /// Removes a column and what it holds.
    pub fn drop_column(&mut self, table: impl IntoTableRef, column: impl IntoIden) {
        self.execute(Table::alter().table(table).drop_column(column));
    }

    /// Gives a column another name.
    pub fn rename_column(
        &mut self,
        table: impl IntoTableRef,
        from: impl IntoIden,
        to: impl IntoIden,
    ) {
        self.execute(Table::alter().table(table).rename_column(from, to));
    }

    /// Removes a table and what it holds.
    pub fn drop_table(&mut self, table: impl IntoTableRef) {
        self.execute(Table::drop().table(table));
    }

    /// Adds SQL text as it is, for what the builders cannot say. Ask [`backend`](Self::backend) when engines differ.
    pub fn sql(&mut self, text: impl Into<String>) {
        self.steps.push(Step::Text(text.into()));
    }

    /// Adds a step that reads and writes rows through the handle, inside the migration's transaction.
    pub fn run<F, Fut>(&mut self, work: F)
    where
        F: FnOnce(Db) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.steps
            .push(Step::Work(Box::new(move |db| Box::pin(work(db)))));
    }

    /// Says that the migration cannot be taken back, and why.
    pub fn irreversible(&mut self, reason: &'static str) {
        self.irreversible = Some(reason);
    }

    /// The engine's SQL dialect.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    pub(super) fn why_irreversible(&self) -> Option<&'static str> {
        self.irreversible
    }

    /// Carries the steps out on the handle, in order.
    pub(super) async fn apply(self, db: &Db) -> Result<(), Error> {
        use sea_orm::ConnectionTrait;
        for step in self.steps {
            let outcome: Result<(), DbErr> = match step {
                Step::Statement(statement) => db.execute_raw(statement).await.map(drop),
                Step::Text(text) => db.execute_unprepared(&text).await.map(drop),
                Step::Work(work) => work(db.clone()).await.map_err(DbErr::from),
            };
            outcome?;
        }
        Ok(())
    }
}
