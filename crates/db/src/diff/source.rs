//! Changes as lines of Rust, in both directions.

use std::collections::BTreeSet;

use sea_orm::{
    DbBackend,
    sea_query::{ColumnType, Expr, Query, Value},
};

use super::{
    change::Change,
    entity::{self, Wanted, WantedColumn},
    kind,
    shape::{Column, ForeignKey, Index, Table},
};

/// Writes the steps of a draft.
pub(super) struct Source {
    backend: DbBackend,
    /// What the draft takes from `sea_query`.
    pub(super) imports: BTreeSet<&'static str>,
    /// The draft asks for the engine.
    pub(super) asks: bool,
}

impl Source {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            imports: BTreeSet::new(),
            asks: false,
        }
    }

    /// The statements that make a change.
    pub(super) fn up(&mut self, change: &Change) -> String {
        match change {
            Change::CreateTable { wanted, keys } => self.create_wanted(wanted, keys),
            Change::DropTable { found } => format!("schema.drop_table({:?});\n", found.name),
            Change::RenameColumn { table, from, to } => {
                format!("schema.rename_column({table:?}, {from:?}, {to:?});\n")
            }
            Change::AddColumn {
                table,
                column,
                native,
                like,
            } => self.add_column(table, column, native, like.as_deref()),
            Change::AlterColumn {
                table,
                from,
                to,
                native,
                ..
            } => {
                let mut lines = self.enumeration(&to.kind);
                if from.nullable && !to.nullable {
                    lines.push_str(&self.fill(table, to));
                }
                let mut define = self.wanted(to, native);
                if to.default.is_none()
                    && let Some(default) = &from.default
                {
                    define.push_str(&self.default_of(default, &from.kind));
                }
                lines + &format!("schema.alter_column({table:?}, {define});\n")
            }
            Change::DropColumn { table, column } => {
                format!("schema.drop_column({table:?}, {:?});\n", column.name)
            }
            Change::CreateIndex {
                table,
                name,
                columns,
                unique,
            } => self.create_index(table, name, columns, *unique),
            Change::DropIndex { table, index, .. } => self.drop_index(table, index),
            Change::AddForeignKey { table, key } => self.add_reference(table, key),
            Change::DropForeignKey { table, key } => drop_reference(table, key),
            Change::PrimaryKey { table, from, to } => format!(
                "// write by hand: the primary key of `{table}` is ({}), in the entity ({})\n",
                from.join(", "),
                to.join(", ")
            ),
        }
    }

    /// The statements that take a change back.
    pub(super) fn down(&mut self, change: &Change) -> String {
        match change {
            Change::CreateTable { wanted, .. } => {
                format!("schema.drop_table({:?});\n", wanted.table)
            }
            Change::DropTable { found } => self.create_found(found),
            Change::RenameColumn { table, from, to } => {
                format!("schema.rename_column({table:?}, {to:?}, {from:?});\n")
            }
            Change::AddColumn { table, column, .. } => {
                format!("schema.drop_column({table:?}, {:?});\n", column.name)
            }
            Change::AlterColumn { table, from, .. } => {
                let define = self.found(from);
                format!("schema.alter_column({table:?}, {define});\n")
            }
            Change::DropColumn { table, column } => {
                let mut define = self.found(column);
                let mut lines = "// what its rows held does not come back\n".to_owned();
                if !column.nullable && column.default.is_none() {
                    let filler = kind::filler_of(&kind::calls_of(self.backend, &column.kind));
                    match filler {
                        Some(filler) => define.push_str(&format!(".default({filler})")),
                        None => lines.push_str(NO_VALUE),
                    }
                }
                lines + &format!("schema.add_column({table:?}, {define});\n")
            }
            Change::CreateIndex { table, name, .. } => {
                self.imports.insert("Index");
                format!("schema.execute(Index::drop().name({name:?}).table({table:?}));\n")
            }
            Change::DropIndex { table, index, .. } => {
                if index.partial {
                    return format!(
                        "// write by hand: index `{}` covered some rows or expressions\n",
                        index.name
                    );
                }
                let name = portable_name(table, index);
                self.create_index(table, &name, &index.columns, index.unique)
            }
            Change::AddForeignKey { table, key } => drop_reference(table, key),
            Change::DropForeignKey { table, key } => self.add_reference(table, key),
            Change::PrimaryKey { .. } => String::new(),
        }
    }

    fn create_wanted(&mut self, wanted: &Wanted, keys: &[ForeignKey]) -> String {
        let mut lines = String::new();
        let mut table = self.table(&wanted.table);
        for column in &wanted.columns {
            lines.push_str(&self.enumeration(&column.kind));
            let mut define = self.wanted(column, "");
            if wanted.primary_key == [column.name.clone()] {
                define.push_str(".primary_key()");
            }
            table.push_str(&format!("\n.col({define})"));
        }
        table.push_str(&self.keys(&wanted.primary_key, &wanted.table, keys));
        format!("{lines}schema.execute(\n{table},\n);\n")
    }

    fn create_found(&mut self, found: &Table) -> String {
        let mut table = self.table(&found.name);
        for column in &found.columns {
            let mut define = self.found(column);
            if column.counts {
                define.push_str(".auto_increment()");
            }
            if found.primary_key == [column.name.clone()] {
                define.push_str(".primary_key()");
            }
            table.push_str(&format!("\n.col({define})"));
        }
        table.push_str(&self.keys(&found.primary_key, &found.name, &found.foreign_keys));
        let mut lines =
            format!("// what its rows held does not come back\nschema.execute(\n{table},\n);\n");
        // MySQL makes those of references by itself
        let of_reference = |index: &Index| {
            let mut keys = found.foreign_keys.iter();
            keys.any(|key| key.name.as_ref() == Some(&index.name))
        };
        let spoken = |index: &&Index| !index.partial && !of_reference(index);
        for index in found.indexes.iter().filter(spoken) {
            let name = portable_name(&found.name, index);
            lines.push_str(&self.create_index(&found.name, &name, &index.columns, index.unique));
        }
        lines
    }

    fn table(&mut self, name: &str) -> String {
        self.imports.extend(["ColumnDef", "Table"]);
        format!("Table::create()\n.table({name:?})")
    }

    /// A key of several columns, and references.
    fn keys(&mut self, primary: &[String], table: &str, keys: &[ForeignKey]) -> String {
        let mut lines = String::new();
        if primary.len() > 1 {
            self.imports.insert("Index");
            let columns: String = primary.iter().map(|it| format!(".col({it:?})")).collect();
            lines.push_str(&format!("\n.primary_key(Index::create(){columns})"));
        }
        for key in keys {
            let reference = self.reference(table, key);
            lines.push_str(&format!("\n.foreign_key(\n{reference},\n)"));
        }
        lines
    }

    fn add_column(
        &mut self,
        table: &str,
        column: &WantedColumn,
        native: &str,
        like: Option<&str>,
    ) -> String {
        let mut lines = self.enumeration(&column.kind);
        if let Some(from) = like {
            lines.push_str(&format!(
                "// if `{from}` only has another name now: rename it with `schema.rename_column` instead of this and its drop\n"
            ));
        }
        let mut define = self.wanted(column, native);
        if !column.nullable && column.default.is_none() {
            match kind::filler(&column.kind) {
                Some(filler) => define.push_str(&format!(".default({filler})")),
                None => lines.push_str(NO_VALUE),
            }
        }
        lines + &format!("schema.add_column({table:?}, {define});\n")
    }

    /// A value for rows that have none, before none is refused.
    fn fill(&mut self, table: &str, column: &WantedColumn) -> String {
        let name = &column.name;
        match kind::filler(&column.kind) {
            Some(filler) => {
                self.imports.extend(["Expr", "ExprTrait", "Query"]);
                format!(
                    "schema.execute(\nQuery::update()\n.table({table:?})\n.value({name:?}, {filler})\n.and_where(Expr::col({name:?}).is_null()),\n);\n"
                )
            }
            None => {
                format!("// rows whose `{name}` is null stop this step: give them a value first\n")
            }
        }
    }

    /// PostgreSQL has enumerations as types of their own.
    fn enumeration(&mut self, kind: &ColumnType) -> String {
        let Some(sql) = entity::enumeration(kind) else {
            return String::new();
        };
        self.asks = true;
        format!(
            "if schema.backend() == DbBackend::Postgres {{\nschema.sql({});\n}}\n",
            raw(&sql)
        )
    }

    fn wanted(&mut self, column: &WantedColumn, native: &str) -> String {
        self.imports.insert("ColumnDef");
        let calls = kind::calls(&column.kind, native);
        let mut define = format!("ColumnDef::new({:?}){calls}", column.name);
        if !column.nullable {
            define.push_str(".not_null()");
        }
        if column.counts {
            define.push_str(".auto_increment()");
        }
        if let Some(default) = &column.default {
            let default = self.expression(default);
            define.push_str(&format!(".default({default})"));
        }
        define
    }

    fn found(&mut self, column: &Column) -> String {
        self.imports.insert("ColumnDef");
        let calls = kind::calls_of(self.backend, &column.kind);
        let mut define = format!("ColumnDef::new({:?}){calls}", column.name);
        if !column.nullable {
            define.push_str(".not_null()");
        }
        if let Some(default) = &column.default {
            define.push_str(&self.default_of(default, &column.kind));
        }
        define
    }

    /// The value of an entity's default.
    fn expression(&mut self, default: &Expr) -> String {
        match default {
            Expr::Value(Value::Bool(Some(it))) => it.to_string(),
            Expr::Value(Value::TinyInt(Some(it))) => it.to_string(),
            Expr::Value(Value::SmallInt(Some(it))) => it.to_string(),
            Expr::Value(Value::Int(Some(it))) => it.to_string(),
            Expr::Value(Value::BigInt(Some(it))) => it.to_string(),
            Expr::Value(Value::String(Some(it))) => format!("{it:?}"),
            other => {
                self.imports.insert("Expr");
                let sql = self
                    .backend
                    .build(Query::select().expr(other.clone()))
                    .to_string();
                let sql = sql.strip_prefix("SELECT ").unwrap_or(&sql);
                format!("Expr::cust({sql:?})")
            }
        }
    }

    /// `.default(…)` with what an engine says that the default is.
    fn default_of(&mut self, sql: &str, kind: &str) -> String {
        let plain = sql.split("::").next().unwrap_or(sql).trim();
        if let Some(text) = plain
            .strip_prefix('\'')
            .and_then(|it| it.strip_suffix('\''))
        {
            return format!(".default({:?})", text.replace("''", "'"));
        }
        let boolean = ["boolean", "bool", "tinyint(1)"].contains(&kind);
        match plain.to_ascii_lowercase().as_str() {
            "true" | "1" if boolean => return ".default(true)".into(),
            "false" | "0" if boolean => return ".default(false)".into(),
            _ => {}
        }
        if plain.parse::<i64>().is_ok() {
            return format!(".default({plain})");
        }
        // MySQL gives texts as they are
        if self.backend == DbBackend::MySql && (kind.contains("char") || kind.starts_with("enum")) {
            return format!(".default({plain:?})");
        }
        self.imports.insert("Expr");
        format!(".default(Expr::cust({plain:?}))")
    }

    fn create_index(
        &mut self,
        table: &str,
        name: &str,
        columns: &[String],
        unique: bool,
    ) -> String {
        self.imports.insert("Index");
        let unique = if unique { "\n.unique()" } else { "" };
        let columns: String = columns.iter().map(|it| format!("\n.col({it:?})")).collect();
        format!(
            "schema.execute(\nIndex::create(){unique}\n.name({name:?})\n.table({table:?}){columns},\n);\n"
        )
    }

    fn drop_index(&mut self, table: &str, index: &Index) -> String {
        if index.constraint {
            let name = portable_name(table, index);
            return format!(
                "schema.drop_unique_constraint({table:?}, {name:?}, &{:?});\n",
                index.columns
            );
        }
        self.imports.insert("Index");
        format!(
            "schema.execute(Index::drop().name({:?}).table({table:?}));\n",
            index.name
        )
    }

    fn reference(&mut self, table: &str, key: &ForeignKey) -> String {
        self.imports.insert("ForeignKey");
        let mut lines = format!(
            "ForeignKey::create()\n.name({:?})\n.from_tbl({table:?})",
            key.name_in(table)
        );
        for column in &key.columns {
            lines.push_str(&format!("\n.from_col({column:?})"));
        }
        lines.push_str(&format!("\n.to_tbl({:?})", key.to_table));
        for column in &key.to_columns {
            lines.push_str(&format!("\n.to_col({column:?})"));
        }
        for (when, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            if let Some(variant) = action.variant() {
                self.imports.insert("ForeignKeyAction");
                lines.push_str(&format!("\n.{when}(ForeignKeyAction::{variant})"));
            }
        }
        lines
    }

    fn add_reference(&mut self, table: &str, key: &ForeignKey) -> String {
        let reference = self.reference(table, key);
        format!("schema.add_foreign_key(\n{table:?},\n{reference},\n);\n")
    }
}

/// What stands above a column that is not null and has no value for the rows that are there.
const NO_VALUE: &str = "// rows that are there have no value for it: give the column a `.default(…)`, or add it as nullable, fill it, and \
alter it\n";

fn drop_reference(table: &str, key: &ForeignKey) -> String {
    format!(
        "schema.drop_foreign_key({table:?}, {:?}, &{:?});\n",
        key.name_in(table),
        key.columns
    )
}

/// The name of an index on engines that keep one: SQLite counts those of constraints.
fn portable_name(table: &str, index: &Index) -> String {
    if index.name.starts_with("sqlite_autoindex_") {
        return format!("{table}_{}_key", index.columns.join("_"));
    }
    index.name.clone()
}

/// A text of Rust without escapes.
fn raw(text: &str) -> String {
    format!("r#\"{text}\"#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_read_as_each_engine_tells_them() {
        for (backend, sql, kind, written) in [
            (
                DbBackend::Postgres,
                "'a''b'::character varying",
                "character varying(9)",
                ".default(\"a'b\")",
            ),
            (DbBackend::Postgres, "0", "bigint", ".default(0)"),
            (DbBackend::Postgres, "false", "boolean", ".default(false)"),
            (DbBackend::MySql, "1", "tinyint(1)", ".default(true)"),
            (DbBackend::MySql, "USD", "varchar(3)", ".default(\"USD\")"),
            (DbBackend::MySql, "'USD'", "varchar(3)", ".default(\"USD\")"),
            (
                DbBackend::Sqlite,
                "CURRENT_TIMESTAMP",
                "text",
                ".default(Expr::cust(\"CURRENT_TIMESTAMP\"))",
            ),
        ] {
            assert_eq!(Source::new(backend).default_of(sql, kind), written, "{sql}");
        }
    }
}
