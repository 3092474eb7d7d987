//! Changes of a table that engines make in different ways.

use sea_orm::{
    DbBackend,
    sea_query::{
        Alias, ColumnDef, ForeignKeyCreateStatement, IntoColumnDef, Table, TableCreateStatement,
    },
};

use super::{
    Schema,
    rebuild::{Edit, rebuild},
};

impl Schema {
    /// Gives a column another type, nullability or default: afterwards it is as defined here, its keys, checks and
    /// references as they were. SQLite makes the table anew for it, PostgreSQL casts the values.
    pub fn alter_column(&mut self, table: &str, column: impl IntoColumnDef) {
        let mut column: ColumnDef = column.into_column_def();
        let name = column.get_column_name();
        match self.backend() {
            DbBackend::Sqlite => {
                let definition = inside(Table::create().table(Alias::new(table)).col(column));
                self.change_table(
                    table,
                    Edit::Redefine {
                        column: name,
                        definition,
                    },
                );
            }
            DbBackend::Postgres => self.alter_in_parts(table, &column),
            _ => {
                if column.get_column_spec().nullable.is_none() {
                    column.null();
                }
                self.execute(
                    Table::alter()
                        .table(Alias::new(table))
                        .modify_column(&mut column),
                );
            }
        }
    }

    /// PostgreSQL changes each property by itself, and casts only when told how.
    fn alter_in_parts(&mut self, table: &str, column: &ColumnDef) {
        let (name, spec) = (column.get_column_name(), column.get_column_spec());
        let alter = |column: &mut ColumnDef| {
            let mut statement = Table::alter();
            statement.table(Alias::new(table)).modify_column(column);
            DbBackend::Postgres.build(&statement).sql
        };
        if spec.default.is_none() && !spec.auto_increment {
            let (table, name) = (quoted(table), quoted(&name));
            // one of the old type may not fit the new one
            self.sql(format!(
                "ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT"
            ));
        }
        if let Some(kind) = column.get_column_type() {
            let mut only = ColumnDef::new_with_type(Alias::new(&name), kind.clone());
            if let Some(using) = &spec.using {
                only.using(using.clone());
            }
            let sql = alter(&mut only);
            match sql.rsplit_once(" TYPE ") {
                Some((_, kind)) if spec.using.is_none() => {
                    self.sql(format!("{sql} USING {}::{kind}", quoted(&name)));
                }
                _ => self.sql(sql),
            }
        }
        let mut rest = ColumnDef::new(Alias::new(&name));
        match spec.nullable {
            Some(false) => rest.not_null(),
            _ => rest.null(),
        };
        if let Some(default) = &spec.default {
            rest.default(default.clone());
        }
        self.sql(alter(&mut rest));
    }

    /// Adds a reference from a table that exists: `ForeignKey::create().name(…).from(…).to(…)`.
    pub fn add_foreign_key(&mut self, table: &str, key: &mut ForeignKeyCreateStatement) {
        match self.backend() {
            DbBackend::Sqlite => {
                let mut create = Table::create();
                let create = create.table(Alias::new(table)).foreign_key(key);
                let constraint = inside(create);
                self.change_table(table, Edit::AddReference { constraint });
            }
            _ => self.execute(key),
        }
    }

    /// Removes the reference that `columns` are. SQLite knows it by these, the others by its name.
    pub fn drop_foreign_key(&mut self, table: &str, name: &str, columns: &[&str]) {
        match self.backend() {
            DbBackend::Sqlite => {
                let columns = owned(columns);
                self.change_table(table, Edit::DropReference { columns });
            }
            _ => self.execute(
                Table::alter()
                    .table(Alias::new(table))
                    .drop_foreign_key(Alias::new(name)),
            ),
        }
    }

    /// Removes a unique constraint that was made with its table. SQLite knows it by its columns, the others by its name.
    pub fn drop_unique_constraint(&mut self, table: &str, name: &str, columns: &[&str]) {
        match self.backend() {
            DbBackend::Sqlite => {
                let columns = owned(columns);
                self.change_table(table, Edit::DropUnique { columns });
            }
            DbBackend::Postgres => {
                let (table, name) = (quoted(table), quoted(name));
                self.sql(format!("ALTER TABLE {table} DROP CONSTRAINT {name}"));
            }
            _ => self.sql(format!("ALTER TABLE `{table}` DROP INDEX `{name}`")),
        }
    }

    fn change_table(&mut self, table: &str, edit: Edit) {
        self.without_foreign_keys();
        let table = table.to_owned();
        self.run(move |db| async move { rebuild(&db, &table, &edit).await });
    }
}

/// What stands in the brackets of `CREATE TABLE`.
fn inside(create: &TableCreateStatement) -> String {
    let sql = DbBackend::Sqlite.build(create).sql;
    let body = sql.split_once(" ( ").map_or("", |(_, body)| body);
    body.strip_suffix(" )").unwrap_or(body).to_owned()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
