//! What a migration may destroy, and what it may hold up while the service runs.

mod alter;
mod rules;

use std::{fmt, str::FromStr};

use sea_orm::DbBackend;
use serde::{Serialize, Serializer};

use self::rules::Examined;
use super::{Schema, script};

/// A kind of step that deserves a second look before it meets a database with rows and callers.
///
/// A migration that was thought through says so with [`Schema::allow`], or `-- atlas: allow drop-column` in a file of
/// SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lint {
    /// A table goes, with all its rows.
    DropTable,
    /// A column goes, with all its values; running code may still ask for it.
    DropColumn,
    /// All rows of a table go: `TRUNCATE`, or `DELETE` without a condition.
    DeleteAll,
    /// A column gets a type that may not hold its values.
    NarrowType,
    /// A column gets another type, for which the engine may write the whole table anew under a lock.
    ChangeType,
    /// A table gets another name; running code asks for the old one.
    RenameTable,
    /// A column gets another name; running code asks for the old one.
    RenameColumn,
    /// A column that must not be null comes without a default: rows that are there, and running code, have no value for
    /// it.
    AddNotNull,
    /// A column must not be null from now on: PostgreSQL reads the whole table under a lock, and running code may still
    /// write null.
    SetNotNull,
    /// PostgreSQL builds an index while nobody can write to the table.
    IndexNotConcurrent,
    /// PostgreSQL refuses `CONCURRENTLY` in a transaction.
    ConcurrentInTransaction,
    /// PostgreSQL compares all rows with a new foreign key or check under a lock on the tables.
    ValidateConstraint,
    /// PostgreSQL builds the index of a unique constraint or primary key while nobody can read or write the table.
    UniqueConstraint,
    /// A new column has a default that is computed row by row: PostgreSQL writes the whole table anew under a lock.
    VolatileDefault,
    /// All rows of a table change in one statement, and stay locked until the migration ends.
    UpdateAll,
}

impl Lint {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::DropTable,
        Self::DropColumn,
        Self::DeleteAll,
        Self::NarrowType,
        Self::ChangeType,
        Self::RenameTable,
        Self::RenameColumn,
        Self::AddNotNull,
        Self::SetNotNull,
        Self::IndexNotConcurrent,
        Self::ConcurrentInTransaction,
        Self::ValidateConstraint,
        Self::UniqueConstraint,
        Self::VolatileDefault,
        Self::UpdateAll,
    ];

    /// Its name, such as `drop-table`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DropTable => "drop-table",
            Self::DropColumn => "drop-column",
            Self::DeleteAll => "delete-all",
            Self::NarrowType => "narrow-type",
            Self::ChangeType => "change-type",
            Self::RenameTable => "rename-table",
            Self::RenameColumn => "rename-column",
            Self::AddNotNull => "add-not-null",
            Self::SetNotNull => "set-not-null",
            Self::IndexNotConcurrent => "index-not-concurrent",
            Self::ConcurrentInTransaction => "concurrent-in-transaction",
            Self::ValidateConstraint => "validate-constraint",
            Self::UniqueConstraint => "unique-constraint",
            Self::VolatileDefault => "volatile-default",
            Self::UpdateAll => "update-all",
        }
    }

    /// Says whether what it warns of cannot be had back.
    pub const fn is_destructive(self) -> bool {
        matches!(
            self,
            Self::DropTable | Self::DropColumn | Self::DeleteAll | Self::NarrowType
        )
    }

    /// The way that does no harm.
    pub const fn help(self) -> &'static str {
        match self {
            Self::DropTable => {
                "deploy code that no longer uses the table first, and keep a backup of its rows"
            }
            Self::DropColumn => {
                "deploy code that no longer uses the column first, and drop it with the release after"
            }
            Self::DeleteAll => "keep a backup of the rows, or say which of them shall go",
            Self::NarrowType => {
                "look for values that do not fit first; better: add a new column and copy into it"
            }
            Self::ChangeType => {
                "add a column of the new type, write to both, copy the rows in batches, then switch"
            }
            Self::RenameTable => {
                "make a new table, write to both, copy the rows, then switch; or a view with the old name"
            }
            Self::RenameColumn => {
                "add a column with the new name, write to both, copy the rows, then drop the old one"
            }
            Self::AddNotNull => {
                "give it a default, or let it be null, fill it, and forbid null in a later migration"
            }
            Self::SetNotNull => {
                "add `CHECK (column IS NOT NULL) NOT VALID`, validate it in a migration of its own, then set not null"
            }
            Self::IndexNotConcurrent => {
                "write `CREATE INDEX CONCURRENTLY` as SQL, in a migration with `no_transaction`"
            }
            Self::ConcurrentInTransaction => "mark the migration with `no_transaction`",
            Self::ValidateConstraint => {
                "add it with `NOT VALID`, and `VALIDATE CONSTRAINT` in a migration of its own"
            }
            Self::UniqueConstraint => {
                "build the unique index `CONCURRENTLY` first, then add the constraint with `USING INDEX`"
            }
            Self::VolatileDefault => {
                "add the column without it, set the default next, and fill old rows in batches"
            }
            Self::UpdateAll => {
                "change the rows in batches, in a migration of its own with `no_transaction`"
            }
        }
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Lint {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|lint| lint.name() == name);
        found.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|lint| lint.name()).collect();
            format!("there is no lint `{name}`; there are: {}", all.join(", "))
        })
    }
}

impl Serialize for Lint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a lint found in a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Which one.
    pub lint: Lint,
    /// What it cannot give back: rows or values are lost.
    pub destructive: bool,
    /// What happens to what.
    pub message: String,
    /// The way that does no harm.
    pub help: &'static str,
}

/// Looks at the steps of a migration; what it allows is left out.
pub(super) fn examine(schema: &Schema) -> Vec<Warning> {
    let backend = schema.backend();
    let statements: Vec<_> = schema
        .steps
        .iter()
        .filter_map(super::schema::Step::text)
        .map(|text| script::tokens(&text, backend))
        .collect();
    let transactional = schema.is_transactional();
    let mut found = examined(&statements, backend, transactional);
    found.retain(|warning| !schema.allowed.contains(&warning.lint));
    found
}

fn examined(
    statements: &[Vec<script::Token>],
    backend: DbBackend,
    transactional: bool,
) -> Vec<Warning> {
    let mut examined = Examined::new(statements, backend, transactional);
    for statement in statements {
        examined.statement(statement);
    }
    examined.found
}

#[cfg(test)]
mod tests {
    use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};

    use super::*;

    fn found(backend: DbBackend, text: &str) -> Vec<Lint> {
        let statements: Vec<_> = script::split(text, backend)
            .into_iter()
            .map(|it| it.tokens)
            .collect();
        examined(&statements, backend, true)
            .into_iter()
            .map(|it| it.lint)
            .collect()
    }

    #[test]
    fn what_destroys_is_found_on_every_engine() {
        for backend in [Sqlite, Postgres, MySql] {
            for (text, lint) in [
                ("DROP TABLE IF EXISTS \"teas\"", Lint::DropTable),
                ("ALTER TABLE teas DROP COLUMN price", Lint::DropColumn),
                ("ALTER TABLE teas DROP price", Lint::DropColumn),
                ("DELETE FROM teas", Lint::DeleteAll),
                ("ALTER TABLE teas RENAME TO drinks", Lint::RenameTable),
                (
                    "ALTER TABLE teas RENAME COLUMN name TO title",
                    Lint::RenameColumn,
                ),
                (
                    "ALTER TABLE teas ADD COLUMN price integer NOT NULL",
                    Lint::AddNotNull,
                ),
                ("UPDATE teas SET price = 1", Lint::UpdateAll),
            ] {
                assert_eq!(found(backend, text), [lint], "{backend:?}: {text}");
            }
        }
        assert_eq!(found(Postgres, "TRUNCATE teas"), [Lint::DeleteAll]);
        assert_eq!(found(MySql, "TRUNCATE TABLE `teas`"), [Lint::DeleteAll]);
    }

    #[test]
    fn what_holds_up_is_found_where_the_engine_does_so() {
        for (backend, text, lints) in [
            (
                Postgres,
                "CREATE INDEX i ON teas (name)",
                &[Lint::IndexNotConcurrent][..],
            ),
            (
                Postgres,
                "CREATE UNIQUE INDEX IF NOT EXISTS i ON public.teas (name)",
                &[Lint::IndexNotConcurrent],
            ),
            (
                Postgres,
                "CREATE INDEX CONCURRENTLY i ON teas (name)",
                &[Lint::ConcurrentInTransaction],
            ),
            (MySql, "CREATE INDEX i ON teas (name)", &[]),
            (Sqlite, "CREATE INDEX i ON teas (name)", &[]),
            (
                Postgres,
                "ALTER TABLE teas ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES b (id)",
                &[Lint::ValidateConstraint],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES b (id) NOT VALID",
                &[],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD CHECK (a > 0)",
                &[Lint::ValidateConstraint],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD CONSTRAINT u UNIQUE (a)",
                &[Lint::UniqueConstraint],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD CONSTRAINT u UNIQUE USING INDEX i",
                &[],
            ),
            (
                Postgres,
                "ALTER TABLE teas ALTER COLUMN a SET NOT NULL",
                &[Lint::SetNotNull],
            ),
            (
                Postgres,
                "ALTER TABLE teas ALTER COLUMN a TYPE bigint",
                &[Lint::ChangeType],
            ),
            (
                Postgres,
                "ALTER TABLE teas ALTER COLUMN a SET DATA TYPE varchar(10)",
                &[Lint::NarrowType],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid()",
                &[Lint::VolatileDefault],
            ),
            (
                Postgres,
                "ALTER TABLE teas ADD COLUMN a timestamptz NOT NULL DEFAULT now()",
                &[],
            ),
            (
                MySql,
                "ALTER TABLE teas MODIFY COLUMN a varchar(10)",
                &[Lint::NarrowType],
            ),
            (
                MySql,
                "ALTER TABLE teas MODIFY a bigint NOT NULL",
                &[Lint::ChangeType],
            ),
            (
                MySql,
                "ALTER TABLE teas CHANGE a b bigint",
                &[Lint::RenameColumn, Lint::ChangeType],
            ),
            (MySql, "RENAME TABLE teas TO drinks", &[Lint::RenameTable]),
        ] {
            assert_eq!(found(backend, text), lints, "{backend:?}: {text}");
        }
    }

    #[test]
    fn what_harms_nobody_is_not_found() {
        for backend in [Sqlite, Postgres, MySql] {
            for text in [
                "ALTER TABLE teas ADD COLUMN price integer NOT NULL DEFAULT 1",
                "ALTER TABLE teas ADD price integer",
                "ALTER TABLE teas DROP CONSTRAINT c",
                "ALTER TABLE teas DROP FOREIGN KEY c",
                "DELETE FROM teas WHERE name = 'drop table'",
                "UPDATE teas SET price = 1 WHERE price IS NULL",
                "INSERT INTO teas VALUES ('DROP TABLE teas')",
                "DROP INDEX i",
                "CREATE TEMPORARY TABLE x (a integer); DROP TABLE x",
            ] {
                assert_eq!(found(backend, text), [], "{backend:?}: {text}");
            }
        }
    }

    #[test]
    fn a_table_of_the_same_migration_has_no_rows_to_lose() {
        let text = "CREATE TABLE IF NOT EXISTS \"teas\" (id int); CREATE INDEX i ON \"teas\" (id); \
            ALTER TABLE \"teas\" ADD COLUMN b int NOT NULL; UPDATE teas SET b = 1; DROP TABLE teas";
        for backend in [Sqlite, Postgres, MySql] {
            assert_eq!(found(backend, text), [], "{backend:?}");
        }
    }

    #[test]
    fn a_table_made_anew_is_neither_dropped_nor_renamed() {
        let text = "CREATE TABLE new_teas (id int); INSERT INTO new_teas SELECT id FROM teas; \
            DROP TABLE teas; ALTER TABLE new_teas RENAME TO teas";
        assert_eq!(found(Sqlite, text), []);
        let another = text.replace("RENAME TO teas", "RENAME TO drinks");
        assert_eq!(found(Sqlite, &another), [Lint::DropTable]);
    }

    #[test]
    fn one_statement_may_do_several_things() {
        assert_eq!(
            found(
                Postgres,
                "ALTER TABLE a.teas DROP COLUMN x, ADD COLUMN y numeric(10, 2) NOT NULL, RENAME COLUMN z TO w"
            ),
            [Lint::DropColumn, Lint::AddNotNull, Lint::RenameColumn]
        );
    }

    #[test]
    fn a_lint_is_known_by_its_name() {
        for lint in Lint::ALL {
            assert_eq!(lint.name().parse(), Ok(lint));
        }
        assert!("drop".parse::<Lint>().unwrap_err().contains("drop-table"));
    }
}
