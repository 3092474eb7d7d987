//! `db …` and `migrate diff`, on every engine.

mod guards;
mod models;
mod programs;
mod whole;

use crate::support::Service;
use atlas_servers::{Address, Kind};

/// A service whose database does not exist yet, and what must go behind it.
pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) kind: Option<Kind>,
    server: Option<(Address, String)>,
}

impl House {
    /// One on an engine; nothing when there is no such server here, which was said and counted.
    pub(crate) fn on(kind: Option<Kind>, fixture: &'static str) -> Option<Self> {
        let Some(kind) = kind else {
            return Some(Self {
                service: Service::new(fixture),
                kind: None,
                server: None,
            });
        };
        let server = match atlas_servers::shared(kind) {
            Ok(server) => server,
            Err(absent) => {
                atlas_servers::skipped(&absent);
                return None;
            }
        };
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let name = format!(
            "atlas_t_house_{:x}_{:x}",
            now.as_nanos(),
            std::process::id()
        );
        let url = server.url_of(&name);
        Some(Self {
            service: Service::new(fixture).env("ATLAS_DATABASE__URL", &url),
            kind: Some(kind),
            server: Some((server, name)),
        })
    }

    /// Arguments of the engine's client that run a statement and print bare values.
    fn ask<'a>(&self, sql: &'a str) -> Vec<&'a str> {
        let arguments: &[&str] = match self.kind {
            None => &[],
            Some(Kind::Postgres) => &["-At", "-c"],
            Some(_) => &["-N", "-B", "-e"],
        };
        let start = ["db", "console", "--"];
        start
            .iter()
            .chain(arguments)
            .copied()
            .chain([sql])
            .collect()
    }

    /// The names of the teas, as the engine's own client reads them.
    fn names(&self) -> String {
        let ran = self
            .service
            .run(&self.ask("SELECT name FROM teas ORDER BY id"));
        ran.ends_with(0).out
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server
            && !std::thread::panicking()
        {
            server
                .run(&format!("DROP DATABASE IF EXISTS {name}"))
                .unwrap();
        }
    }
}

/// Runs the same body on SQLite, PostgreSQL, MariaDB and MySQL.
macro_rules! on_every_engine {
    ($(fn $name:ident($house:ident: House of $fixture:literal) $body:block)+) => {$(
        mod $name {
            use super::*;

            fn body(kind: Option<atlas_servers::Kind>) {
                let Some($house) = House::on(kind, $fixture) else { return };
                $body
            }

            #[test]
            fn sqlite() { body(None); }
            #[test]
            fn postgres() { body(Some(atlas_servers::Kind::Postgres)); }
            #[test]
            fn mariadb() { body(Some(atlas_servers::Kind::MariaDb)); }
            #[test]
            fn mysql() { body(Some(atlas_servers::Kind::MySql)); }
        }
    )+};
}
pub(crate) use on_every_engine;
