//! What has to change, and how that is told.

use serde::Serialize;

use super::{
    entity::{Wanted, WantedColumn},
    shape::{Column, ForeignKey, Index, Table},
};

/// One thing in which the entities and the migrations differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table it is about.
    pub table: String,
    /// What differs, in words.
    pub what: String,
    /// The step that closes the gap loses what rows hold.
    pub destructive: bool,
    /// What else it could mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A step from the schema of the migrations to that of the entities.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A table with its keys; other indexes are steps of their own.
    CreateTable {
        wanted: Wanted,
        /// References to tables that are there by then.
        keys: Vec<ForeignKey>,
    },
    DropTable {
        found: Table,
    },
    RenameColumn {
        table: String,
        from: String,
        to: String,
    },
    AddColumn {
        table: String,
        column: WantedColumn,
        native: String,
        /// A column that goes and could be the same one.
        like: Option<String>,
    },
    AlterColumn {
        table: String,
        from: Column,
        to: WantedColumn,
        native: String,
        what: String,
    },
    DropColumn {
        table: String,
        column: Column,
    },
    CreateIndex {
        table: String,
        name: String,
        columns: Vec<String>,
        unique: bool,
    },
    DropIndex {
        table: String,
        index: Index,
        /// Its column goes, or it is a promise that no entity makes.
        because: &'static str,
    },
    AddForeignKey {
        table: String,
        key: ForeignKey,
    },
    DropForeignKey {
        table: String,
        key: ForeignKey,
    },
    /// Another primary key: to be written by hand.
    PrimaryKey {
        table: String,
        from: Vec<String>,
        to: Vec<String>,
    },
}

impl Change {
    /// Tells it.
    pub(super) fn difference(&self) -> Difference {
        let told = |table: &str, what: String| Difference {
            table: table.to_owned(),
            what,
            destructive: false,
            hint: None,
        };
        let list = |columns: &[String]| columns.join(", ");
        match self {
            Self::CreateTable { wanted, .. } => told(
                &wanted.table,
                format!("no migration makes the table `{}`", wanted.table),
            ),
            Self::DropTable { found } => Difference {
                destructive: true,
                hint: Some(format!(
                    "if it is used without an entity, contribute `EntityTable::unmapped({:?})`",
                    found.name
                )),
                ..told(&found.name, format!("no entity has the table `{}`", found.name))
            },
            Self::RenameColumn { table, from, to } => told(
                table,
                format!("column `{table}.{from}` is called `{to}` in the entity"),
            ),
            Self::AddColumn {
                table,
                column,
                native,
                like,
            } => Difference {
                hint: like.as_ref().map(|from| {
                    format!(
                        "if it is `{table}.{from}` under another name, mark the field with `#[sea_orm(renamed_from = {from:?})]`"
                    )
                }),
                ..told(
                    table,
                    format!("no migration makes the column `{table}.{}` ({native})", column.name),
                )
            },
            Self::AlterColumn { table, to, what, .. } => {
                told(table, format!("column `{table}.{}` {what}", to.name))
            }
            Self::DropColumn { table, column } => Difference {
                destructive: true,
                ..told(
                    table,
                    format!("the entity has no column `{table}.{}` ({})", column.name, column.kind),
                )
            },
            Self::CreateIndex {
                table,
                columns,
                unique,
                ..
            } => {
                let index = if *unique { "a unique index" } else { "an index" };
                told(
                    table,
                    format!("no migration makes {index} over `{table} ({})`", list(columns)),
                )
            }
            Self::DropIndex { table, index, because } => told(
                table,
                format!("index `{}` over `{table} ({})` {because}", index.name, list(&index.columns)),
            ),
            Self::AddForeignKey { table, key } => told(
                table,
                format!(
                    "no migration makes the foreign key `{table} ({})` → `{} ({})`",
                    list(&key.columns),
                    key.to_table,
                    list(&key.to_columns)
                ),
            ),
            Self::DropForeignKey { table, key } => told(
                table,
                format!(
                    "the entity has no foreign key `{table} ({})` → `{} ({})` as the migrations make it",
                    list(&key.columns),
                    key.to_table,
                    list(&key.to_columns)
                ),
            ),
            Self::PrimaryKey { table, from, to } => Difference {
                hint: Some("write this step by hand: rows and references depend on it".into()),
                ..told(
                    table,
                    format!(
                        "the primary key of `{table}` is `({})`, in the entity `({})`",
                        list(from),
                        list(to)
                    ),
                )
            },
        }
    }
}
