//! Counters of keys that the database makes.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    PrimaryKeyTrait, Statement, sea_query::ColumnType,
};

use crate::{Db, Result};

/// Moves the counter of a key past the rows that brought keys of their own.
///
/// PostgreSQL counts without a look at the table, so the first row that the application adds would meet the key of a
/// seeded one. The other engines count on from the highest key by themselves.
pub(super) async fn catch_up<E: EntityTrait>(db: &Db) -> Result<()> {
    if db.get_database_backend() != DbBackend::Postgres || !E::PrimaryKey::auto_increment() {
        return Ok(());
    }
    let Some(key) = E::PrimaryKey::iter().next() else {
        return Ok(());
    };
    let entity = E::default();
    let column = key.into_column();
    let definition = column.def();
    if !matches!(
        definition.get_column_type(),
        ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger
    ) {
        return Ok(());
    }
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let table = match entity.schema_name() {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(entity.table_name())),
        None => quoted(entity.table_name()),
    };
    let name = IdenStatic::as_str(&column);
    let sql = format!(
        "SELECT setval(counter, highest) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS counter, \
         (SELECT max({column}) FROM {table}) AS highest) AS counted \
         WHERE counter IS NOT NULL AND highest > coalesce(pg_sequence_last_value(counter), 0)",
        column = quoted(name),
    );
    let values = [table.into(), name.into()];
    db.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        values,
    ))
    .await?;
    Ok(())
}
