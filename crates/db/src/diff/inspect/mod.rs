//! Reads the tables of a database from its catalog.

mod mysql;
mod postgres;
mod sqlite;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::shape::{ForeignKey, Index, Table};
use crate::{Db, Error};

/// All tables of the database, those of Atlas itself aside, by name.
pub(super) async fn tables(db: &Db) -> Result<Vec<Table>, Error> {
    let mut tables = match db.get_database_backend() {
        DbBackend::Postgres => postgres::tables(db).await?,
        DbBackend::MySql => mysql::tables(db).await?,
        _ => sqlite::tables(db).await?,
    };
    tables.retain(|table| !table.name.starts_with("atlas_"));
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tables)
}

async fn rows(db: &Db, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await
}

fn text(row: &QueryResult, column: &str) -> Result<String, DbErr> {
    row.try_get("", column)
}

fn maybe(row: &QueryResult, column: &str) -> Result<Option<String>, DbErr> {
    row.try_get("", column)
}

/// Says whether a column of `yes` and `no` says yes.
fn yes(row: &QueryResult, column: &str) -> Result<bool, DbErr> {
    Ok(text(row, column)? == "yes")
}

/// The table of this name, made when the first of its rows comes.
fn table<'a>(tables: &'a mut Vec<Table>, name: &str) -> &'a mut Table {
    let at = tables.iter().position(|table| table.name == name);
    let at = at.unwrap_or_else(|| {
        tables.push(Table {
            name: name.to_owned(),
            ..Table::default()
        });
        tables.len() - 1
    });
    &mut tables[at]
}

/// Reads one row a column of an index; `primary` ones become the key of their table.
///
/// The query gives `tbl`, `name`, `is_unique`, `is_primary`, `is_constraint`, `is_partial` and `col`, in order.
async fn indexes(db: &Db, tables: &mut Vec<Table>, sql: &str) -> Result<(), DbErr> {
    for row in rows(db, sql).await? {
        let table = table(tables, &text(&row, "tbl")?);
        let column = maybe(&row, "col")?;
        if yes(&row, "is_primary")? {
            table.primary_key.extend(column);
            continue;
        }
        let name = text(&row, "name")?;
        let at = table.indexes.iter().position(|index| index.name == name);
        let at = match at {
            Some(at) => at,
            None => {
                table.indexes.push(Index {
                    name,
                    unique: yes(&row, "is_unique")?,
                    columns: Vec::new(),
                    constraint: yes(&row, "is_constraint")?,
                    partial: yes(&row, "is_partial")?,
                });
                table.indexes.len() - 1
            }
        };
        let index = &mut table.indexes[at];
        match column {
            Some(column) => index.columns.push(column),
            // an expression
            None => index.partial = true,
        }
    }
    Ok(())
}

/// Reads one row a column of a reference.
///
/// The query gives `tbl`, `id`, `name`, `to_tbl`, `col`, `to_col`, `on_delete` and `on_update`, in order.
async fn foreign_keys(db: &Db, tables: &mut Vec<Table>, sql: &str) -> Result<(), DbErr> {
    use super::shape::Action;
    let mut latest = None;
    for row in rows(db, sql).await? {
        let name = text(&row, "tbl")?;
        let table = table(tables, &name);
        let id = Some((name, text(&row, "id")?));
        if latest != id {
            latest = id;
            table.foreign_keys.push(ForeignKey {
                name: maybe(&row, "name")?,
                columns: Vec::new(),
                to_table: text(&row, "to_tbl")?,
                to_columns: Vec::new(),
                on_delete: Action::read(&text(&row, "on_delete")?),
                on_update: Action::read(&text(&row, "on_update")?),
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(text(&row, "col")?);
            key.to_columns.extend(maybe(&row, "to_col")?);
        }
    }
    Ok(())
}
