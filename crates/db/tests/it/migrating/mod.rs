//! Migrations on every engine: where commands lead, what a failure leaves, and who may migrate when.

mod failures;
mod goals;
mod history;
mod lock;
mod plans;
mod processes;
mod sqlite;

use std::{path::Path, sync::Arc};

use atlas_db::{
    Db, Migration, MigrationState, Migrations, Schema,
    migration::{Direction, MigrationRun, migration},
    sea_orm::{
        ConnectionTrait, DbBackend, Statement,
        sea_query::{Alias, ColumnDef, Table},
    },
};

/// A migration made of two functions.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) up: fn(&mut Schema),
    pub(crate) down: fn(&mut Schema),
}

impl Migration for Step {
    fn name(&self) -> &'static str {
        self.name
    }

    fn up(&self, schema: &mut Schema) {
        (self.up)(schema);
    }

    fn down(&self, schema: &mut Schema) {
        (self.down)(schema);
    }
}

use crate::support::golden;

pub(crate) type Make = fn() -> Arc<dyn Migration>;

fn create(schema: &mut Schema, table: &'static str) {
    let id = ColumnDef::new("id")
        .big_integer()
        .not_null()
        .primary_key()
        .take();
    schema.execute(Table::create().table(Alias::new(table)).col(id));
}

pub(crate) fn teas() -> Arc<dyn Migration> {
    migration(Step {
        name: "m1_create_teas",
        up: |schema| create(schema, "teas"),
        down: |schema| schema.drop_table("teas"),
    })
}

pub(crate) fn price() -> Arc<dyn Migration> {
    migration(Step {
        name: "m2_add_price",
        up: |schema| {
            schema.add_column(
                "teas",
                ColumnDef::new("price").integer().not_null().default(1),
            );
        },
        down: |schema| schema.drop_column("teas", "price"),
    })
}

pub(crate) fn cups() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_create_cups",
        up: |schema| create(schema, "cups"),
        down: |schema| schema.drop_table("cups"),
    })
}

pub(crate) fn pots() -> Arc<dyn Migration> {
    migration(Step {
        name: "m4_create_pots",
        up: |schema| create(schema, "pots"),
        down: |schema| schema.drop_table("pots"),
    })
}

pub(crate) fn of(db: &Db, known: &[Make]) -> Migrations {
    Migrations::new(db.clone(), known.iter().map(|make| make()).collect()).unwrap()
}

/// The names that went up and, with a minus before them, down.
pub(crate) fn told(runs: Vec<MigrationRun>) -> Vec<String> {
    runs.into_iter()
        .map(|run| match run.direction {
            Direction::Up => run.name,
            Direction::Down => format!("-{}", run.name),
        })
        .collect()
}

/// The migrations in a state.
pub(crate) async fn all(migrations: &Migrations, state: MigrationState) -> Vec<String> {
    let status = migrations.status().await.unwrap();
    status
        .into_iter()
        .filter(|it| it.state == state)
        .map(|it| it.name)
        .collect()
}

/// How many of these tables (or columns, as `table.column`) there are.
pub(crate) async fn there(db: &Db, names: &[&str]) -> usize {
    let mut found = 0;
    for name in names {
        let (table, column) = name.split_once('.').unwrap_or((name, "*"));
        let sql = format!("SELECT {column} FROM {table} WHERE 1 = 0");
        let asked = Statement::from_string(db.get_database_backend(), sql);
        found += usize::from(db.query_all_raw(asked).await.is_ok());
    }
    found
}

/// A number that a query answers with.
pub(crate) async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(asked).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Compares words with a golden file, the place of the database aside.
#[track_caller]
pub(crate) fn says(db: &Db, name: &str, words: &str) {
    let place = format!("{} {}", db.system(), db.place());
    golden(
        name,
        &words.replace(&place, "<place>"),
        Path::new("/nowhere"),
    );
}

/// Says whether a failure undoes what the migration has defined.
pub(crate) fn undoes(db: &Db) -> bool {
    db.get_database_backend() != DbBackend::MySql
}
