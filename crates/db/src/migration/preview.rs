//! Migrations as a script, for those who apply them by hand.

use atlas_core::Diagnostic;
use sea_orm::{ConnectionTrait, DbBackend, StatementBuilder};

use super::{
    Direction, Migration, Migrations, Schema, Step,
    history::{describe, find},
    record,
};
use crate::diagnostics;

impl Migrations {
    /// The SQL of the migrations from one to another, both included, with the records that keep `migrate` informed; of
    /// all of them when neither is named. Nothing is asked of the database.
    ///
    /// # Errors
    ///
    /// A208 when a migration cannot be written for the engine or taken back, or none is called so.
    pub fn script(
        &self,
        from: Option<&str>,
        to: Option<&str>,
        direction: Direction,
    ) -> Result<String, Diagnostic> {
        let bound = |name: Option<&str>| {
            name.map(|name| find(&self.db, &self.known, name))
                .transpose()
        };
        let (from, to) = (bound(from)?, bound(to)?);
        let chosen = self.known.iter().filter(|migration| {
            from.is_none_or(|from| migration.name() >= from.name())
                && to.is_none_or(|to| migration.name() <= to.name())
        });
        let mut chosen: Vec<_> = chosen.collect();
        let backend = self.db.get_database_backend();
        let mut text = String::new();
        match direction {
            Direction::Up => {
                let table = StatementBuilder::build(&record::table(), &backend);
                text.push_str(&format!("{table};\n"));
            }
            Direction::Down => chosen.reverse(),
        }
        for migration in chosen {
            let schema = describe(&self.db, &**migration, direction)?;
            if direction == Direction::Down
                && let Some(reason) = &schema.irreversible
            {
                return Err(diagnostics::irreversible(
                    &self.db,
                    migration.name(),
                    reason,
                ));
            }
            self.write(&mut text, &**migration, &schema, direction);
        }
        Ok(text.trim_start().to_owned())
    }

    fn write(
        &self,
        text: &mut String,
        migration: &dyn Migration,
        schema: &Schema,
        direction: Direction,
    ) {
        let backend = schema.backend();
        let transactional = schema.is_transactional();
        let rest = schema.without_foreign_keys && backend == DbBackend::Sqlite;
        text.push_str(&format!("\n-- {}", migration.name()));
        text.push_str(match direction {
            Direction::Up => "\n",
            Direction::Down => ", taken back\n",
        });
        if rest {
            text.push_str("PRAGMA foreign_keys = OFF;\n");
        }
        if transactional {
            text.push_str(match backend {
                DbBackend::Sqlite => "BEGIN IMMEDIATE;\n",
                _ => "BEGIN;\n",
            });
        }
        for step in &schema.steps {
            match Step::text(step) {
                Some(sql) => text.push_str(&format!("{sql};\n")),
                None => {
                    text.push_str("-- code of the migration runs here: a script cannot do that\n");
                }
            }
        }
        let name = literal(migration.name());
        text.push_str(&match direction {
            Direction::Up => format!(
                "INSERT INTO {} (name, applied_at, duration_ms, checksum, batch, state) \
                 SELECT {name}, CURRENT_TIMESTAMP, 0, {}, COALESCE(MAX(batch), 0) + 1, 'applied' FROM {};\n",
                record::TABLE,
                literal(&schema.checksum()),
                record::TABLE
            ),
            Direction::Down => format!("DELETE FROM {} WHERE name = {name};\n", record::TABLE),
        });
        if transactional {
            text.push_str("COMMIT;\n");
        }
        if rest {
            text.push_str("PRAGMA foreign_keys = ON;\nPRAGMA foreign_key_check;\n");
        }
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
