//! The database of a new service.

use toml_edit::{Array, DocumentMut, Item, Value};

use crate::ops::names::ServiceName;

/// What the first feature's rows live in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Database {
    /// SQLite to begin with, and the driver of PostgreSQL beside it: moving there is one line of configuration.
    #[default]
    Embedded,
    /// SQLite and no other driver.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    MySql,
}

impl Database {
    /// The engines that can be asked for by name.
    pub const NAMES: [&'static str; 3] = ["sqlite", "postgres", "mysql"];

    /// The engine of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sqlite" => Some(Self::Sqlite),
            "postgres" => Some(Self::Postgres),
            "mysql" => Some(Self::MySql),
            _ => None,
        }
    }

    /// Whether somebody has to run a server for it.
    #[must_use]
    pub fn is_server(self) -> bool {
        self.url("").is_some()
    }

    /// Chooses the drivers of the manifest, which has those of [`Embedded`](Self::Embedded).
    pub(super) fn choose_drivers(self, manifest: &mut DocumentMut) {
        let driver = match self {
            Self::Embedded => return,
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        };
        for (kind, name) in [
            ("dependencies", "atlas"),
            ("dev-dependencies", "atlas-test"),
        ] {
            let features = manifest
                .get_mut(kind)
                .and_then(|it| it.get_mut(name))
                .and_then(|it| it.get_mut("features"))
                .and_then(Item::as_array_mut);
            let Some(features) = features else { continue };
            let others = features.iter().filter_map(Value::as_str);
            let others = others.filter(|it| !Self::NAMES.contains(it));
            *features = others.chain([driver]).collect::<Array>();
        }
    }

    /// The configuration file at `path` with what the engine needs in it.
    pub(super) fn configure(self, path: &str, text: String, service: &ServiceName) -> String {
        let name = service.krate();
        let (about, database) = match path {
            "config/development.toml" => (
                "A server of this machine; `atlas db create` makes the database. A password belongs into `.env`.",
                format!("{name}_development"),
            ),
            "config/test.toml" => (
                "The engine of the tests. Each one has a database of its own, on a server that is found or started.",
                format!("{name}_test"),
            ),
            "config/production.toml" => {
                let Some(url) = self.url(&name) else {
                    return text;
                };
                let url = url.replace("localhost", "database.internal");
                let lines =
                    text.split_inclusive('\n')
                        .map(|line| match line.starts_with("# url = ") {
                            true => format!("# url = \"{url}\"\n"),
                            false => line.to_owned(),
                        });
                return lines.collect();
            }
            _ => return text,
        };
        match self.url(&database) {
            Some(url) => format!("{text}\n# {about}\n[database]\nurl = \"{url}\"\n"),
            None => text,
        }
    }

    /// Where a server of this machine has a database; none for what needs no server.
    fn url(self, database: &str) -> Option<String> {
        match self {
            Self::Embedded | Self::Sqlite => None,
            Self::Postgres => Some(format!("postgres://localhost/{database}")),
            Self::MySql => Some(format!("mysql://root@localhost/{database}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_drivers_that_were_asked_for_are_compiled() {
        let manifest = "[dependencies]\natlas = { path = \"x\", features = [\"http\", \"sqlite\", \"postgres\"] }\n\
            [dev-dependencies]\natlas-test = { path = \"y\", features = [\"sqlite\", \"postgres\"] }\n";
        for (database, atlas, test) in [
            (
                Database::Embedded,
                r#"["http", "sqlite", "postgres"]"#,
                r#"["sqlite", "postgres"]"#,
            ),
            (Database::Sqlite, r#"["http", "sqlite"]"#, r#"["sqlite"]"#),
            (
                Database::Postgres,
                r#"["http", "postgres"]"#,
                r#"["postgres"]"#,
            ),
            (Database::MySql, r#"["http", "mysql"]"#, r#"["mysql"]"#),
        ] {
            let mut document: DocumentMut = manifest.parse().unwrap();
            database.choose_drivers(&mut document);
            let text = document.to_string();
            assert!(
                text.contains(&format!("\"x\", features = {atlas}")),
                "{text}"
            );
            assert!(
                text.contains(&format!("\"y\", features = {test}")),
                "{text}"
            );
        }
    }
}
