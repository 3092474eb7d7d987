//! A SQLite database as SQL, without its program.

use std::io;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use crate::{Db, Error};

/// How many rows are read at once.
const PAGE: usize = 1_000;

/// Writes statements that make the database anew, all from one moment.
pub(super) async fn sqlite(
    db: &Db,
    schema_only: bool,
    mut write: impl FnMut(&str) -> io::Result<()> + Send,
) -> Result<(), Error> {
    db.transaction(|| async move {
        let mut line = |text: &str| {
            write(text)
                .and_then(|()| write("\n"))
                .map_err(|error| DbErr::Custom(format!("what was read cannot be written: {error}")))
        };
        line("PRAGMA foreign_keys = OFF;")?;
        line("BEGIN;")?;
        for (name, sql) in objects(db, "type = 'table'").await? {
            line(&format!("{sql};"))?;
            if !schema_only {
                rows(db, &name, &mut line).await?;
            }
        }
        if !schema_only && has_sequence(db).await? {
            line("DELETE FROM sqlite_sequence;")?;
            let sql = "SELECT 'INSERT INTO sqlite_sequence VALUES(' || quote(name) || ',' || quote(seq) || ');' FROM sqlite_sequence";
            for text in texts(db, sql, None).await? {
                line(&text)?;
            }
        }
        for (_, sql) in objects(db, "type IN ('index', 'trigger', 'view')").await? {
            line(&format!("{sql};"))?;
        }
        line("COMMIT;")?;
        Ok::<_, Error>(())
    })
    .await
}

/// What the schema holds, in the order in which it was made.
async fn objects(db: &Db, which: &str) -> Result<Vec<(String, String)>, DbErr> {
    let sql = format!(
        "SELECT name, sql FROM sqlite_schema WHERE {which} AND sql IS NOT NULL \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The rows of a table as statements, page by page where rows are numbered.
async fn rows(
    db: &Db,
    table: &str,
    line: &mut (impl FnMut(&str) -> Result<(), DbErr> + Send),
) -> Result<(), DbErr> {
    let sql = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid";
    let columns = texts(db, sql, Some(table)).await?;
    let quoted: Vec<String> = columns.iter().map(|name| identifier(name)).collect();
    let values: Vec<String> = quoted.iter().map(|name| format!("quote({name})")).collect();
    let head = format!(
        "INSERT INTO {} ({}) VALUES(",
        identifier(table),
        quoted.join(",")
    );
    let text = format!(
        "{} || {} || ');'",
        literal(&head),
        values.join(" || ',' || ")
    );
    let from = identifier(table);
    let numbered = texts(
        db,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND wr = 0 AND name = ?",
        Some(table),
    )
    .await?;
    if numbered.is_empty()
        || columns
            .iter()
            .any(|name| name.eq_ignore_ascii_case("rowid"))
    {
        for text in texts(db, &format!("SELECT {text} FROM {from}"), None).await? {
            line(&text)?;
        }
        return Ok(());
    }
    let sql =
        format!("SELECT rowid, {text} FROM {from} WHERE rowid > ? ORDER BY rowid LIMIT {PAGE}");
    let mut last = i64::MIN;
    loop {
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, &sql, [Value::from(last)]);
        let page = db.query_all_raw(statement).await?;
        for row in &page {
            last = row.try_get_by_index(0)?;
            line(&row.try_get_by_index::<String>(1)?)?;
        }
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

async fn has_sequence(db: &Db) -> Result<bool, DbErr> {
    let sql = "SELECT name FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    Ok(!texts(db, sql, None).await?.is_empty())
}

async fn texts(db: &Db, sql: &str, value: Option<&str>) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let statement = match value {
        Some(value) => Statement::from_sql_and_values(backend, sql, [Value::from(value)]),
        None => Statement::from_string(backend, sql),
    };
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
