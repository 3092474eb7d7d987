//! A server, for what is done to its databases from outside.

use atlas_core::Diagnostic;
use sea_orm::{ConnectionTrait, Statement, Value};

use super::url::ServerUrl;
use crate::{Db, DbConfig, Error, diagnostics, symptom::Symptom};

/// A connection beside all databases that matter.
pub(crate) struct Server {
    db: Db,
    postgres: bool,
}

impl Server {
    /// Connects to a database that is always there.
    ///
    /// # Errors
    ///
    /// A206 when the server does not answer or refuses the user.
    pub(crate) async fn connect(config: &DbConfig, url: &ServerUrl) -> Result<Self, Diagnostic> {
        let postgres = url.is_postgres();
        let always: &[&str] = if postgres {
            &["postgres", "template1"]
        } else {
            &["information_schema"]
        };
        let mut refused = None;
        for name in always {
            let config = DbConfig {
                url: url.of(name),
                replicas: Vec::new(),
                max_connections: 1,
                ..config.clone()
            };
            let db = Db::new(&config)?;
            match db.ping().await {
                Ok(()) => return Ok(Self { db, postgres }),
                Err(error) => {
                    db.close().await;
                    let refusal = diagnostics::unreachable(&db, error);
                    refused.get_or_insert(refusal);
                }
            }
        }
        Err(refused.unwrap_or_else(|| diagnostics::bad_url(&config.url, "it names no server")))
    }

    /// Says whether it has a database of this name.
    pub(crate) async fn has(&self, name: &str) -> Result<bool, Error> {
        let sql = if self.postgres {
            "SELECT 1 FROM pg_database WHERE datname = $1"
        } else {
            "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?"
        };
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [Value::from(name)]);
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// Makes a database unless it is there; says whether it did.
    pub(crate) async fn create(&self, name: &str) -> Result<bool, Error> {
        if self.has(name).await? {
            return Ok(false);
        }
        let name = self.quoted(name);
        let sql = self.db.engine().create_database(&name);
        match self.db.execute_unprepared(&sql).await {
            Ok(_) => Ok(true),
            // another one was faster; on PostgreSQL perhaps by so little that its catalog finds the second name
            Err(error) if matches!(Symptom::of(&error), Symptom::Exists | Symptom::Duplicate) => {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a database; says whether there was one.
    pub(crate) async fn remove(&self, name: &str) -> Result<bool, Error> {
        if !self.has(name).await? {
            return Ok(false);
        }
        let name = self.quoted(name);
        self.db
            .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}"))
            .await?;
        Ok(true)
    }

    /// Hangs up, and tells what went wrong before.
    pub(crate) async fn finish<T, E: Refusal>(
        &self,
        outcome: Result<T, E>,
    ) -> Result<T, Diagnostic> {
        self.db.close().await;
        outcome.map_err(|error| error.told(&self.db))
    }

    fn quoted(&self, name: &str) -> String {
        match self.postgres {
            true => format!("\"{}\"", name.replace('"', "\"\"")),
            false => format!("`{}`", name.replace('`', "``")),
        }
    }
}

/// What can be told of a server.
pub(crate) trait Refusal {
    /// The words for it.
    fn told(self, db: &Db) -> Diagnostic;
}

impl Refusal for Error {
    fn told(self, db: &Db) -> Diagnostic {
        diagnostics::unreachable(db, self)
    }
}

/// Words that were found already, or not.
impl Refusal for Result<Error, Diagnostic> {
    fn told(self, db: &Db) -> Diagnostic {
        match self {
            Ok(error) => error.told(db),
            Err(told) => told,
        }
    }
}
