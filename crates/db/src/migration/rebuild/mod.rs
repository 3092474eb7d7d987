//! What other engines change in place, SQLite does by making the table anew: with the new definition, the old rows, and the
//! indexes and triggers as they were.

mod text;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use self::text::{TableText, quoted};
use crate::{Db, Error};

/// A change of a table.
pub(super) enum Edit {
    /// A column gets another definition.
    Redefine { column: String, definition: String },
    /// A reference to another table comes.
    AddReference { constraint: String },
    /// The reference that these columns are goes.
    DropReference { columns: Vec<String> },
    /// The promise that values are unique in these columns goes.
    DropUnique { columns: Vec<String> },
}

/// Carries a change out. Nothing may refer to the table while references are enforced: dropping the old one would remove
/// the rows that refer to it.
pub(super) async fn rebuild(db: &Db, table: &str, edit: &Edit) -> Result<(), Error> {
    let old = one(
        db,
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?",
        table,
    )
    .await?;
    let old = old.ok_or_else(|| refused(format!("there is no table `{table}`")))?;
    let mut changed =
        TableText::parse(&old).ok_or_else(|| refused(format!("`{table}` cannot be read")))?;
    apply(&mut changed, table, edit)?;
    guard(db, table).await?;

    let kept = all(
        db,
        "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        table,
    )
    .await?;
    let columns = all(
        db,
        "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid",
        table,
    )
    .await?;
    let columns: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let columns = columns.join(", ");
    let (new, table_name) = (format!("atlas_new_{table}"), quoted(table));
    let (new_name, count) = (
        quoted(&new),
        old.to_ascii_uppercase().contains("AUTOINCREMENT"),
    );

    db.execute_unprepared(&changed.create(&new)).await?;
    db.execute_unprepared(&format!(
        "INSERT INTO {new_name} ({columns}) SELECT {columns} FROM {table_name}"
    ))
    .await?;
    if count {
        // no key is given a second time
        let text = new.replace('\'', "''");
        let from = table.replace('\'', "''");
        db.execute_unprepared(&format!(
            "DELETE FROM sqlite_sequence WHERE name = '{text}'; \
             INSERT INTO sqlite_sequence (name, seq) SELECT '{text}', seq FROM sqlite_sequence WHERE name = '{from}'"
        ))
        .await?;
    }
    db.execute_unprepared(&format!("DROP TABLE {table_name}"))
        .await?;
    // views that name the table are not looked at while it is away
    db.execute_unprepared("PRAGMA legacy_alter_table = ON")
        .await?;
    let renamed = db
        .execute_unprepared(&format!("ALTER TABLE {new_name} RENAME TO {table_name}"))
        .await;
    db.execute_unprepared("PRAGMA legacy_alter_table = OFF")
        .await?;
    renamed?;
    for sql in kept {
        db.execute_unprepared(&sql).await?;
    }
    let broken = all(
        db,
        "SELECT \"table\" || ' → ' || parent FROM pragma_foreign_key_check(?)",
        table,
    )
    .await?;
    match broken.first() {
        None => Ok(()),
        Some(rows) => Err(refused(format!(
            "rows refer to others that do not exist: {rows}"
        ))),
    }
}

fn apply(text: &mut TableText, table: &str, edit: &Edit) -> Result<(), Error> {
    let (done, what) = match edit {
        Edit::Redefine { column, definition } => (
            text.redefine(column, definition),
            format!("column `{column}`"),
        ),
        Edit::AddReference { constraint } => {
            text.add(constraint.clone());
            (true, String::new())
        }
        Edit::DropReference { columns } => (
            text.remove_reference(columns),
            format!("foreign key over `{}`", columns.join(", ")),
        ),
        Edit::DropUnique { columns } => (
            text.remove_unique(columns),
            format!("unique constraint over `{}`", columns.join(", ")),
        ),
    };
    if done {
        Ok(())
    } else {
        Err(refused(format!("`{table}` has no {what}")))
    }
}

/// Refuses what would lose rows of other tables.
async fn guard(db: &Db, table: &str) -> Result<(), Error> {
    let enforced = Statement::from_string(
        db.get_database_backend(),
        "SELECT foreign_keys FROM pragma_foreign_keys",
    );
    let enforced = db.query_one_raw(enforced).await?;
    let enforced = enforced.map_or(Ok(1), |row| row.try_get_by_index::<i64>(0))?;
    if enforced == 0 {
        return Ok(());
    }
    let referring = one(
        db,
        "SELECT m.name FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f \
         WHERE m.type = 'table' AND lower(f.\"table\") = lower(?1) AND lower(m.name) <> lower(?1)",
        table,
    )
    .await?;
    match referring {
        None => Ok(()),
        Some(other) => Err(refused(format!(
            "SQLite changes `{table}` by making it anew, and `{other}` refers to it while foreign keys are enforced"
        ))),
    }
}

async fn one(db: &Db, sql: &str, value: &str) -> Result<Option<String>, DbErr> {
    Ok(all(db, sql, value).await?.into_iter().next())
}

async fn all(db: &Db, sql: &str, value: &str) -> Result<Vec<String>, DbErr> {
    let values = [Value::from(value)];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    let text = |row: &QueryResult| row.try_get_by_index::<String>(0);
    rows.iter().map(text).collect()
}

fn refused(words: String) -> Error {
    DbErr::Custom(words).into()
}
