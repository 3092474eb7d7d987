//! A SQLite database as SQL, without its program.

use std::io;

use sea_orm::{
    AccessMode, ConnectionTrait, DbErr, Statement, TransactionSession, TransactionTrait, Value,
};

use crate::{Db, Error, Transaction};

/// How many rows are read at once.
const PAGE: usize = 1_000;

/// Writes statements that make the database anew, all from one moment. Others may write to it meanwhile.
pub(super) async fn sqlite(
    db: &Db,
    schema_only: bool,
    mut write: impl FnMut(&str) -> io::Result<()> + Send,
) -> Result<(), Error> {
    let mut line = |text: &str| {
        write(text)
            .and_then(|()| write("\n"))
            .map_err(|error| DbErr::Custom(format!("what was read cannot be written: {error}")))
    };
    let read_only = Some(AccessMode::ReadOnly);
    let moment = TransactionTrait::begin_with_config(db, None, read_only).await?;
    whole(&moment, schema_only, &mut line).await?;
    moment.rollback().await?;
    Ok(())
}

async fn whole(db: &Transaction, schema_only: bool, line: &mut impl Line) -> Result<(), DbErr> {
    line("PRAGMA foreign_keys = OFF;")?;
    line("BEGIN;")?;
    for table in tables(db).await? {
        line(&format!("{};", table.sql))?;
        if schema_only {
            continue;
        }
        match table.kind {
            Kind::Numbered => numbered(db, &table.name, line).await?,
            Kind::Plain => plain(db, &table.name, line).await?,
            Kind::Text => numbered_with_id(db, &table.name, line).await?,
            Kind::Contentless => line(&format!(
                "-- the rows of {} are left out: it keeps an index of them, and not what they are",
                identifier(&table.name).replace(['\r', '\n'], " ")
            ))?,
            Kind::Computed => {}
        }
    }
    if !schema_only && has_sequence(db).await? {
        line("DELETE FROM sqlite_sequence;")?;
        let sql = "SELECT 'INSERT INTO sqlite_sequence VALUES(' || quote(name) || ',' || quote(seq) || ');' FROM sqlite_sequence";
        for text in texts(db, sql, &[]).await? {
            line(&text)?;
        }
    }
    for (_, sql) in objects(db, "type IN ('index', 'trigger', 'view')").await? {
        line(&format!("{sql};"))?;
    }
    line("COMMIT;")
}

/// What takes the text, line by line.
trait Line: FnMut(&str) -> Result<(), DbErr> + Send {}

impl<F: FnMut(&str) -> Result<(), DbErr> + Send> Line for F {}

/// A table to write.
struct Table {
    name: String,
    sql: String,
    kind: Kind,
}

/// How the rows of a table are read, and put back.
enum Kind {
    /// By their hidden number.
    Numbered,
    /// All at once.
    Plain,
    /// A virtual table whose hidden number is part of a row: those of full text search.
    Text,
    /// A virtual table that has forgotten what its rows are.
    Contentless,
    /// A virtual table without anything of its own.
    Computed,
}

/// The tables, in the order in which they were made, without those that virtual tables keep their data in.
async fn tables(db: &Transaction) -> Result<Vec<Table>, DbErr> {
    let listed = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ";
    let shadows = texts(db, &format!("{listed}'shadow'"), &[]).await?;
    let without_number = texts(db, &format!("{listed}'table' AND wr = 1"), &[]).await?;
    let virtuals = texts(db, &format!("{listed}'virtual'"), &[]).await?;
    let mut tables = Vec::new();
    for (name, sql) in objects(db, "type = 'table'").await? {
        let shadow = |suffix: &str| shadows.contains(&format!("{name}{suffix}"));
        if shadows.contains(&name) {
            continue;
        }
        let kind = if !virtuals.contains(&name) {
            let numbered = !without_number.contains(&name) && !has_column_rowid(db, &name).await?;
            match numbered {
                true => Kind::Numbered,
                false => Kind::Plain,
            }
        } else if !shadow("_content") && has_no_content(&sql) {
            Kind::Contentless
        } else if shadow("_config") || shadow("_segments") {
            // fts5; fts3 and fts4
            Kind::Text
        } else if shadows.iter().any(|it| it.starts_with(&format!("{name}_"))) {
            Kind::Plain
        } else {
            Kind::Computed
        };
        tables.push(Table { name, sql, kind });
    }
    Ok(tables)
}

/// Says whether a table of full text search is told to keep no content (`content=''`), not that of another table.
fn has_no_content(sql: &str) -> bool {
    let dense: String = sql.to_lowercase().split_whitespace().collect();
    ["content=''", "content=\"\""]
        .iter()
        .any(|option| dense.contains(option))
}

async fn has_column_rowid(db: &Transaction, table: &str) -> Result<bool, DbErr> {
    let columns = columns(db, table).await?;
    Ok(columns
        .iter()
        .any(|name| name.eq_ignore_ascii_case("rowid")))
}

/// What the schema holds, in the order in which it was made.
async fn objects(db: &Transaction, which: &str) -> Result<Vec<(String, String)>, DbErr> {
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

/// The rows of a table, all at once.
async fn plain(db: &Transaction, table: &str, line: &mut impl Line) -> Result<(), DbErr> {
    let text = insert(table, &columns(db, table).await?);
    let sql = format!("SELECT {text} FROM {}", identifier(table));
    for text in texts(db, &sql, &[]).await? {
        line(&text)?;
    }
    Ok(())
}

/// The rows of a table of full text search with their numbers, by which others know them.
async fn numbered_with_id(
    db: &Transaction,
    table: &str,
    line: &mut impl Line,
) -> Result<(), DbErr> {
    let mut columns = columns(db, table).await?;
    columns.insert(0, "rowid".to_owned());
    pages(db, table, &insert(table, &columns), line).await
}

/// The rows of a table whose rows have hidden numbers.
async fn numbered(db: &Transaction, table: &str, line: &mut impl Line) -> Result<(), DbErr> {
    pages(db, table, &insert(table, &columns(db, table).await?), line).await
}

/// Writes what an expression says of each row, page by page.
async fn pages(
    db: &Transaction,
    table: &str,
    text: &str,
    line: &mut impl Line,
) -> Result<(), DbErr> {
    let from = identifier(table);
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

/// The columns of a table that hold something.
async fn columns(db: &Transaction, table: &str) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid";
    texts(db, sql, &[table]).await
}

/// An expression of SQL: the statement that adds a row to the table.
fn insert(table: &str, columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| identifier(name)).collect();
    let values: Vec<String> = quoted.iter().map(|name| format!("quote({name})")).collect();
    let head = format!(
        "INSERT INTO {} ({}) VALUES(",
        identifier(table),
        quoted.join(",")
    );
    format!(
        "{} || {} || ');'",
        literal(&head),
        values.join(" || ',' || ")
    )
}

async fn has_sequence(db: &Transaction) -> Result<bool, DbErr> {
    let sql = "SELECT name FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    Ok(!texts(db, sql, &[]).await?.is_empty())
}

/// The first column of all rows.
async fn texts(db: &Transaction, sql: &str, values: &[&str]) -> Result<Vec<String>, DbErr> {
    let values = values.iter().map(|value| Value::from(*value));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
