//! The table that remembers which migrations were applied.

use sea_orm::{
    ConnectionTrait, DbBackend, IdenStatic, IntoActiveModel, QueryOrder, QuerySelect, Statement,
    entity::prelude::*,
    sea_query::{Alias, ColumnDef, Expr, Table, TableCreateStatement},
};

use crate::{Db, Error};

pub(super) const TABLE: &str = "atlas_migrations";

/// A migration that the database has, or that was on its way when something ended it.
#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "atlas_migrations")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) name: String,
    pub(super) applied_at: DateTimeUtc,
    pub(super) duration_ms: i64,
    /// What it consisted of; none when an earlier version recorded it.
    pub(super) checksum: Option<String>,
    /// The number of the run that applied it, together with others perhaps.
    pub(super) batch: i32,
    pub(super) state: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A state of a record: it was applied.
pub(super) const APPLIED: &str = "applied";
/// A state of a record: it, or the way back, was begun without a transaction and not ended.
pub(super) const DIRTY: &str = "dirty";

impl Model {
    pub(super) fn is_dirty(&self) -> bool {
        self.state == DIRTY
    }
}

/// What the table is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It is not there.
    Missing,
    /// As earlier versions made it: without checksums, groups and states.
    Old,
    /// As it should be.
    Current,
}

/// All records, by name.
pub(super) struct Records {
    pub(super) form: Form,
    pub(super) rows: Vec<Model>,
}

/// Reads all records: one query, unless the table is missing or old.
pub(super) async fn load(db: &Db) -> Result<Records, Error> {
    // in a transaction of PostgreSQL, a query that fails spoils all that follow
    if !db.in_transaction() {
        match current(db).await {
            Ok(rows) => {
                return Ok(Records {
                    form: Form::Current,
                    rows,
                });
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => {}
        }
    }
    if !db.0.engine.has_table(TABLE).await? {
        return Ok(Records {
            form: Form::Missing,
            rows: Vec::new(),
        });
    }
    // read before the columns are looked up: those are only ever added, so when one is missing then, it was missing before
    let rows = old(db).await?;
    let there = columns(db).await?;
    if added().iter().any(|(column, _)| !has(&there, *column)) {
        return Ok(Records {
            form: Form::Old,
            rows,
        });
    }
    // the table has come just now, or this is a transaction
    Ok(Records {
        form: Form::Current,
        rows: current(db).await?,
    })
}

/// The names of the columns that the table has.
async fn columns(db: &Db) -> Result<Vec<String>, Error> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!(
            "SELECT attname::text FROM pg_attribute \
             WHERE attrelid = to_regclass('{TABLE}') AND attnum > 0 AND NOT attisdropped"
        ),
        DbBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{TABLE}')"),
        _ => format!(
            "SELECT CAST(column_name AS CHAR) FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = '{TABLE}'"
        ),
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    let names = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(names.collect::<Result<_, DbErr>>()?)
}

fn has(columns: &[String], column: Column) -> bool {
    columns.iter().any(|name| name == column.as_str())
}

async fn current(db: &Db) -> Result<Vec<Model>, Error> {
    Ok(Entity::find().order_by_asc(Column::Name).all(db).await?)
}

async fn old(db: &Db) -> Result<Vec<Model>, Error> {
    let rows: Vec<(String, DateTimeUtc, i64)> = Entity::find()
        .select_only()
        .columns([Column::Name, Column::AppliedAt, Column::DurationMs])
        .order_by_asc(Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let rows = rows.into_iter().zip(1..);
    Ok(rows
        .map(|((name, applied_at, duration_ms), batch)| Model {
            name,
            applied_at,
            duration_ms,
            checksum: None,
            // each a group of its own: nobody knows which were applied together
            batch,
            state: APPLIED.into(),
        })
        .collect())
}

/// Makes the table what it should be. `checksum` says what a recorded migration consists of.
pub(super) async fn prepare(
    db: &Db,
    records: &Records,
    checksum: impl Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    match records.form {
        Form::Current => return Ok(()),
        Form::Missing => {
            db.execute(&table()).await?;
            return Ok(());
        }
        Form::Old => {}
    }
    // an upgrade that was cut short has added some of them
    let there = columns(db).await?;
    for (column, definition) in added() {
        if has(&there, column) {
            continue;
        }
        // the last one: with it, the table counts as current, so the others hold by now what they should
        if matches!(column, Column::State) {
            fill(db, &records.rows, &checksum).await?;
        }
        let mut change = Table::alter();
        db.execute(change.table(Alias::new(TABLE)).add_column(definition))
            .await?;
    }
    Ok(())
}

/// Says of records of earlier versions what those did not know.
async fn fill(
    db: &Db,
    rows: &[Model],
    checksum: &impl Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    for row in rows {
        Entity::update_many()
            .col_expr(Column::Batch, Expr::value(row.batch))
            .col_expr(Column::Checksum, Expr::value(checksum(&row.name)))
            .filter(Column::Name.eq(&row.name))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// The table.
pub(super) fn table() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table(Alias::new(TABLE))
        .if_not_exists()
        .col(
            ColumnDef::new(Column::Name)
                .string_len(255)
                .not_null()
                .primary_key(),
        )
        .col(
            ColumnDef::new(Column::AppliedAt)
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new(Column::DurationMs).big_integer().not_null());
    for (_, definition) in added() {
        table.col(definition);
    }
    table
}

/// The columns that old tables lack. `state` comes last: a table that has it was brought up to date to the end.
fn added() -> [(Column, ColumnDef); 3] {
    let checksum = ColumnDef::new(Column::Checksum).string_len(64).take();
    let batch = ColumnDef::new(Column::Batch)
        .integer()
        .not_null()
        .default(0)
        .take();
    let state = ColumnDef::new(Column::State)
        .string_len(16)
        .not_null()
        .default(APPLIED)
        .take();
    [
        (Column::Checksum, checksum),
        (Column::Batch, batch),
        (Column::State, state),
    ]
}

/// Records a migration, as applied or as begun.
pub(super) async fn add(db: &Db, record: Model) -> Result<(), Error> {
    let record: ActiveModel = record.into_active_model().reset_all();
    Entity::insert(record).exec_without_returning(db).await?;
    Ok(())
}

/// Notes that a migration is as it should be, or that nobody knows.
pub(super) async fn set_state(db: &Db, name: &str, state: &str) -> Result<(), Error> {
    update(db, name, Column::State, state.into()).await
}

/// Notes that a migration that was begun is done.
pub(super) async fn set_done(db: &Db, name: &str, duration_ms: i64) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(APPLIED))
        .col_expr(Column::AppliedAt, Expr::value(ChronoUtc::now()))
        .col_expr(Column::DurationMs, Expr::value(duration_ms))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes what a migration consists of by now.
pub(super) async fn set_checksum(db: &Db, name: &str, checksum: &str) -> Result<(), Error> {
    update(db, name, Column::Checksum, checksum.into()).await
}

async fn update(db: &Db, name: &str, column: Column, value: Value) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(column, Expr::value(value))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets a migration that was taken back.
pub(super) async fn remove(db: &Db, name: &str) -> Result<(), Error> {
    Entity::delete_by_id(name).exec(db).await?;
    Ok(())
}
