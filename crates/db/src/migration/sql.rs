//! Migrations that are files of SQL.

use sea_orm::DbBackend;

use super::{Lint, Migration, Schema, file_name};

/// A migration that is two files of SQL; made by [`sql_migration!`](crate::sql_migration).
///
/// A comment that begins with `-- atlas:` says what the statements cannot:
///
/// | line | meaning |
/// | --- | --- |
/// | `-- atlas: no-transaction` | as [`Schema::no_transaction`] |
/// | `-- atlas: without-foreign-keys` | as [`Schema::without_foreign_keys`] |
/// | `-- atlas: allow drop-column, rename-table` | as [`Schema::allow`] |
/// | `-- atlas: irreversible REASON` | as [`Schema::irreversible`], in the file that takes back |
/// | `-- atlas: on postgres, mysql` | what follows is for these engines only, until the next such line |
/// | `-- atlas: on all` | what follows is for every engine again |
/// | `-- atlas: statement` … `-- atlas: end` | what is between them is one statement, whatever semicolons it holds |
pub struct SqlMigration {
    name: &'static str,
    up: &'static str,
    down: &'static str,
}

impl SqlMigration {
    /// A migration called as the file `name` is, folders and extension aside.
    pub const fn new(name: &'static str, up: &'static str, down: &'static str) -> Self {
        Self {
            name: file_name(name),
            up,
            down,
        }
    }
}

impl Migration for SqlMigration {
    fn name(&self) -> &'static str {
        self.name
    }

    fn up(&self, schema: &mut Schema) {
        read(self.up, schema);
    }

    fn down(&self, schema: &mut Schema) {
        read(self.down, schema);
    }
}

/// Makes a migration of two files of SQL beside the calling one, `NAME.up.sql` and `NAME.down.sql`, for
/// [`Module::contribute`](atlas_core::Module::contribute): `sql_migration!("m20261122_000001_create_products")`.
#[macro_export]
macro_rules! sql_migration {
    ($name:literal) => {
        $crate::migration($crate::SqlMigration::new(
            $name,
            include_str!(concat!($name, ".up.sql")),
            include_str!(concat!($name, ".down.sql")),
        ))
    };
}

/// Reads a file into a schema.
fn read(text: &str, schema: &mut Schema) {
    let mut reader = Reader {
        part: String::new(),
        here: true,
        whole: false,
    };
    for (index, line) in text.lines().enumerate() {
        let mark = line.trim_start().strip_prefix("-- atlas:").map(str::trim);
        let Some(mark) = mark else {
            reader.part.push_str(line);
            reader.part.push('\n');
            continue;
        };
        if let Err(problem) = reader.mark(mark, schema) {
            schema.impossible = Some(format!("line {} of its file: {problem}", index + 1));
            return;
        }
    }
    if reader.whole {
        schema.impossible = Some("its file lacks `-- atlas: end`".into());
        return;
    }
    reader.flush(schema);
}

struct Reader {
    /// The lines since the last mark.
    part: String,
    /// They are for this engine.
    here: bool,
    /// They are one statement.
    whole: bool,
}

impl Reader {
    fn mark(&mut self, mark: &str, schema: &mut Schema) -> Result<(), String> {
        let (word, rest) = mark.split_once(char::is_whitespace).unwrap_or((mark, ""));
        let rest = rest.trim();
        if self.whole && word != "end" {
            return Err(format!("`{word}` stands between `statement` and `end`"));
        }
        match word {
            "no-transaction" => schema.no_transaction(),
            "without-foreign-keys" => schema.without_foreign_keys(),
            "irreversible" => schema.irreversible(rest),
            "allow" => {
                for lint in list(rest) {
                    schema.allow(lint.parse::<Lint>()?);
                }
            }
            "on" => {
                self.flush(schema);
                self.here = false;
                for engine in list(rest) {
                    self.here |= is_here(engine, schema.backend())?;
                }
            }
            "statement" => {
                self.flush(schema);
                self.whole = true;
            }
            "end" if self.whole => {
                self.flush(schema);
                self.whole = false;
            }
            other => {
                return Err(format!(
                    "`-- atlas: {other}` is no mark; there are: no-transaction, without-foreign-keys, allow, irreversible, \
                     on, statement and end"
                ));
            }
        }
        Ok(())
    }

    fn flush(&mut self, schema: &mut Schema) {
        let part = std::mem::take(&mut self.part);
        match (self.here, self.whole) {
            (false, _) => {}
            (true, true) => schema.one_statement(part.trim()),
            (true, false) => schema.sql(part),
        }
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

fn is_here(engine: &str, backend: DbBackend) -> Result<bool, String> {
    match engine {
        "all" => Ok(true),
        "sqlite" => Ok(backend == DbBackend::Sqlite),
        "postgres" => Ok(backend == DbBackend::Postgres),
        "mysql" => Ok(backend == DbBackend::MySql),
        other => Err(format!(
            "there is no engine `{other}`; there are: sqlite, postgres, mysql (MariaDB too) and all"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str, backend: DbBackend) -> Schema {
        let mut schema = Schema::new(backend);
        read(text, &mut schema);
        schema
    }

    fn texts(schema: &Schema) -> Vec<String> {
        schema
            .steps
            .iter()
            .filter_map(super::super::schema::Step::text)
            .collect()
    }

    #[test]
    fn marks_say_what_statements_cannot() {
        let text = "-- atlas: no-transaction\n-- atlas: without-foreign-keys\n-- atlas: allow drop-table, rename-column\n\
            CREATE TABLE a (x int);\nDROP TABLE b;\n-- atlas: irreversible b is gone\n";
        let schema = schema(text, DbBackend::Sqlite);
        assert_eq!(texts(&schema), ["CREATE TABLE a (x int)", "DROP TABLE b"]);
        assert!(schema.no_transaction && schema.without_foreign_keys);
        assert_eq!(schema.allowed, [Lint::DropTable, Lint::RenameColumn]);
        assert_eq!(schema.irreversible.as_deref(), Some("b is gone"));
        assert_eq!(schema.impossible, None);
    }

    #[test]
    fn a_part_may_be_for_some_engines_only() {
        let text = "SELECT 1;\n-- atlas: on postgres, mysql\nSELECT 2;\n-- atlas: on sqlite\nSELECT 3;\n-- atlas: on all\nSELECT 4";
        assert_eq!(
            texts(&schema(text, DbBackend::MySql)),
            ["SELECT 1", "SELECT 2", "SELECT 4"]
        );
        assert_eq!(
            texts(&schema(text, DbBackend::Sqlite)),
            ["SELECT 1", "SELECT 3", "SELECT 4"]
        );
    }

    #[test]
    fn a_statement_may_be_marked_off() {
        let text = "SELECT 1; SELECT 2;\n-- atlas: statement\nodd; thing;\n-- atlas: end\nSELECT 3";
        assert_eq!(
            texts(&schema(text, DbBackend::Sqlite)),
            ["SELECT 1", "SELECT 2", "odd; thing;", "SELECT 3"]
        );
    }

    #[test]
    fn a_mark_that_means_nothing_is_told() {
        for (text, words) in [
            ("SELECT 1;\n-- atlas: no-transactions", "line 2"),
            ("-- atlas: on oracle", "`oracle`"),
            ("-- atlas: allow everything", "`everything`"),
            ("-- atlas: statement\nSELECT 1", "`-- atlas: end`"),
            ("-- atlas: end", "`-- atlas: end`"),
            ("-- atlas: statement\n-- atlas: on all", "between"),
        ] {
            let problem = schema(text, DbBackend::Sqlite).impossible;
            assert!(
                problem.as_deref().is_some_and(|it| it.contains(words)),
                "{text}: {problem:?}"
            );
        }
    }

    #[test]
    fn the_name_is_that_of_the_file() {
        assert_eq!(
            SqlMigration::new("sql/m1_create", "", "").name(),
            "m1_create"
        );
    }
}
