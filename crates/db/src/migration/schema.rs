//! What a migration writes its steps into.

use std::{future::Future, pin::Pin};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, StatementBuilder,
    sea_query::{
        Alias, ColumnDef, IntoColumnDef, IntoIden, IntoTableRef, Table, TableCreateStatement,
        TableName, TableRef,
    },
};

use super::{Lint, checksum::Checksum, precise::precise, script};
use crate::{Db, Error};

type Work = Box<dyn FnOnce(Db) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> + Send>;

/// The steps of a migration, in the order they were added.
///
/// A migration describes the same steps every time it is asked: they are shown before they run, and compared with what
/// was applied long ago.
pub struct Schema {
    backend: DbBackend,
    pub(super) steps: Vec<Step>,
    pub(super) irreversible: Option<String>,
    pub(super) no_transaction: bool,
    pub(super) without_foreign_keys: bool,
    pub(super) allowed: Vec<Lint>,
    /// Why it cannot be carried out on this engine.
    pub(super) impossible: Option<String>,
}

/// One step.
pub(super) enum Step {
    /// A statement of a builder, with its values.
    Statement(Statement),
    /// One statement of a text.
    Text(String),
    /// Code.
    Work(Work),
}

/// The step that ended a migration.
pub(super) struct FailedStep {
    /// Its number, from 1.
    pub(super) step: usize,
    /// Why it failed.
    pub(super) error: Error,
}

impl Schema {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            steps: Vec::new(),
            irreversible: None,
            no_transaction: false,
            without_foreign_keys: false,
            allowed: Vec::new(),
            impossible: None,
        }
    }

    /// Adds a statement made with a SeaQuery builder: `Table::create()`, `Index::create()`, `Query::insert()`, ….
    pub fn execute(&mut self, statement: &impl StatementBuilder) {
        let mut statement = statement.build(&self.backend);
        if self.backend == DbBackend::MySql {
            statement = precise(statement);
        }
        self.steps.push(Step::Statement(statement));
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

    /// Adds SQL text as it is, one statement or several, for what the builders cannot say. Ask
    /// [`backend`](Self::backend) when engines differ.
    pub fn sql(&mut self, text: impl Into<String>) {
        let statements = script::split(&text.into(), self.backend);
        self.steps
            .extend(statements.into_iter().map(|it| Step::Text(it.text)));
    }

    /// Adds a text that is one statement, whatever semicolons it holds.
    pub(super) fn one_statement(&mut self, text: &str) {
        self.steps.push(Step::Text(text.to_owned()));
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

    /// Makes a table of SQLite anew, for what its `ALTER TABLE` cannot do: `table` describes what it shall be, and
    /// `columns` are kept with what they hold. Foreign keys rest meanwhile and are checked before the commit, as after
    /// [`without_foreign_keys`](Self::without_foreign_keys). Indexes and triggers of the table go; add them again behind
    /// it.
    ///
    /// The other engines change a table in place, so there this is an error of the migration: ask
    /// [`backend`](Self::backend).
    pub fn rebuild_table<C: IntoIden>(
        &mut self,
        table: &TableCreateStatement,
        columns: impl IntoIterator<Item = C>,
    ) {
        if self.backend != DbBackend::Sqlite {
            self.impossible =
                Some("`rebuild_table` is for SQLite; alter the table in place".into());
            return;
        }
        let Some(TableRef::Table(TableName(_, name), _)) = table.get_table_name().cloned() else {
            self.impossible = Some("`rebuild_table` got a table without a name".into());
            return;
        };
        let fresh = Alias::new(format!("atlas_rebuilt_{name}"));
        let mut create = table.clone();
        self.execute(create.table(fresh.clone()));
        let columns: Vec<String> = columns
            .into_iter()
            .map(|column| {
                format!(
                    "\"{}\"",
                    column.into_iden().to_string().replace('"', "\"\"")
                )
            })
            .collect();
        let (columns, from) = (columns.join(", "), name.to_string().replace('"', "\"\""));
        self.one_statement(&format!(
            "INSERT INTO \"atlas_rebuilt_{from}\" ({columns}) SELECT {columns} FROM \"{from}\""
        ));
        self.drop_table(name.clone());
        self.execute(Table::rename().table(fresh, name));
        self.without_foreign_keys();
    }

    /// Says that the migration cannot be taken back, and why.
    pub fn irreversible(&mut self, reason: impl Into<String>) {
        self.irreversible = Some(reason.into());
    }

    /// Runs the steps outside of a transaction, for what an engine refuses in one: `CREATE INDEX CONCURRENTLY`, `VACUUM`,
    /// a change of rows in batches.
    ///
    /// When such a migration fails or its process dies, what was done of it stays. It is marked as dirty before it begins,
    /// and a dirty database is not migrated any further until somebody has looked at it.
    pub fn no_transaction(&mut self) {
        self.no_transaction = true;
    }

    /// Lets SQLite's foreign keys rest while the migration runs, so that a table can be made anew while others refer to
    /// it. Before the commit all references are checked; one that leads nowhere fails the migration.
    ///
    /// It means nothing to the other engines: they alter tables in place.
    pub fn without_foreign_keys(&mut self) {
        self.without_foreign_keys = true;
    }

    /// Says that what this lint warns of was thought of, in this migration.
    pub fn allow(&mut self, lint: Lint) {
        self.allowed.push(lint);
    }

    /// The engine's SQL dialect.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Says whether the steps run in a transaction that undoes all of them when one fails.
    ///
    /// MySQL and MariaDB commit before and after every definition, so there only changes of rows can be undone; and what
    /// code does is not known.
    pub(super) fn is_transactional(&self) -> bool {
        !self.no_transaction
            && (self.backend != DbBackend::MySql || self.steps.iter().all(changes_rows_only))
    }

    /// What the steps consist of. Values that builders bind do not count: they may be made anew each time, such as ids.
    pub(super) fn checksum(&self) -> String {
        let mut sum = Checksum::new();
        for step in &self.steps {
            match step {
                Step::Statement(statement) => sum.add(&statement.sql),
                Step::Text(text) => sum.add(text),
                Step::Work(_) => sum.add("\u{1}code"),
            }
        }
        sum.text()
    }

    /// Carries the steps out on the handle, in order.
    pub(super) async fn apply(self, db: &Db) -> Result<(), FailedStep> {
        for (index, step) in self.steps.into_iter().enumerate() {
            let outcome: Result<(), DbErr> = match step {
                Step::Statement(statement) if statement.values.is_none() => {
                    db.execute_unprepared(&statement.sql).await.map(drop)
                }
                Step::Statement(statement) => db.execute_raw(statement).await.map(drop),
                Step::Text(text) => db.execute_unprepared(&text).await.map(drop),
                Step::Work(work) => work(db.clone()).await.map_err(DbErr::from),
            };
            outcome.map_err(|error| FailedStep {
                step: index + 1,
                error: error.into(),
            })?;
        }
        Ok(())
    }
}

impl Step {
    /// The step as SQL; of code only that it is there.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Statement(statement) => Some(statement.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Work(_) => None,
        }
    }
}

/// Says whether a step surely defines nothing.
fn changes_rows_only(step: &Step) -> bool {
    let text = match step {
        Step::Statement(statement) => &statement.sql,
        Step::Text(text) => text,
        Step::Work(_) => return false,
    };
    script::tokens(text, DbBackend::MySql)
        .first()
        .is_some_and(|first| {
            ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH"]
                .iter()
                .any(|row| first.is(row))
        })
}
