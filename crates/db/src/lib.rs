//! The database layer of Atlas services: connections, transactions, migrations and seeds.
//!
//! A repository holds a [`Db`] and writes SeaORM queries on it; a use case groups them with [`Db::transaction`]; a
//! module contributes [`Migration`]s and [`Seed`]s. None of them knows the engine: the section `database` of the
//! configuration chooses it.
//!
//! ```
//! use atlas_db::{Db, DbConfig, sea_orm::{ConnectionTrait, Statement}};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
//! db.execute_unprepared("CREATE TABLE tea (name TEXT NOT NULL)").await?;
//! let poured: Result<(), atlas_db::Error> = db
//!     .transaction(|| async {
//!         db.execute_unprepared("INSERT INTO tea VALUES ('sencha')").await?;
//!         Err(atlas_db::sea_orm::DbErr::Custom("the cup broke".into()).into())
//!     })
//!     .await;
//! assert!(poured.is_err());
//! let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM tea");
//! let count: i64 = db.query_one_raw(count).await?.expect("a row").try_get_by_index(0)?;
//! assert_eq!(count, 0, "what failed left nothing behind");
//! # Ok(()) }
//! ```
//!
//! | feature | default | what it brings |
//! | --- | --- | --- |
//! | `sqlite` | yes | SQLite, compiled in: a file of this machine, or memory |
//! | `postgres` | no | PostgreSQL |
//! | `mysql` | no | MySQL and MariaDB |
//! | `yaml` | no | files of records in YAML |

#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "some of it only one engine needs"
    )
)]

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!(
    "atlas-kit-db needs an engine: enable one of the features `sqlite`, `postgres` and `mysql`"
);

mod admin;
mod config;
mod db;
mod diagnostics;
mod diff;
mod driver;
mod engine;
mod error;
mod filter;
mod histogram;
mod list;
mod listen;
mod meters;
mod metrics;
pub mod migration;
mod module;
#[cfg(feature = "mysql")]
mod mysql;
mod polymorphic;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
pub mod record;
mod rows;
pub mod seed;
mod split;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod symptom;
mod transaction;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod url;
mod words;

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[doc = include_str!("../../../docs/database.md")]
    mod database {}
    #[doc = include_str!("../../../docs/errors/A202.md")]
    mod a202 {}
    #[doc = include_str!("../../../docs/errors/A203.md")]
    mod a203 {}
    #[doc = include_str!("../../../docs/errors/A204.md")]
    mod a204 {}
    #[doc = include_str!("../../../docs/errors/A206.md")]
    mod a206 {}
    #[doc = include_str!("../../../docs/errors/A207.md")]
    mod a207 {}
    #[doc = include_str!("../../../docs/errors/A208.md")]
    mod a208 {}
    #[doc = include_str!("../../../docs/errors/A209.md")]
    mod a209 {}
    #[doc = include_str!("../../../docs/errors/A210.md")]
    mod a210 {}
    #[doc = include_str!("../../../docs/errors/A211.md")]
    mod a211 {}
    #[doc = include_str!("../../../docs/errors/A212.md")]
    mod a212 {}
    #[doc = include_str!("../../../docs/errors/A213.md")]
    mod a213 {}
    #[doc = include_str!("../../../docs/errors/A214.md")]
    mod a214 {}
    #[doc = include_str!("../../../docs/errors/A217.md")]
    mod a217 {}
    #[doc = include_str!("../../../docs/errors/A218.md")]
    mod a218 {}
    #[doc = include_str!("../../../docs/errors/A215.md")]
    mod a215 {}
    #[doc = include_str!("../../../docs/errors/A216.md")]
    mod a216 {}
}

pub use async_trait::async_trait;
pub use sea_orm::{self, IsolationLevel};

pub use self::{
    admin::{Admin, MissingClient},
    config::{DbConfig, Durability, Migrate, Readiness, Seeding},
    db::Db,
    diff::{Difference, Draft, EntityTable, ModelDiff, Models, entity},
    engine::Engine,
    error::{Error, Result},
    filter::filter,
    list::{contains, seek},
    listen::{Listener, Notice},
    meters::Queries,
    migration::{
        Migration, MigrationState, MigrationStatus, Migrations, Schema, SqlMigration, file_name,
        migration,
    },
    module::module,
    polymorphic::{LoadPolymorphic, Polymorphic, Subject},
    record::{Live, Record, related},
    rows::Rows,
    seed::{Fixtures, Seed, Seeds, upsert, upsert_by},
    split::{Position, PositionError, ReplicaStatus, Route, Session},
    sql::{Sql, sql},
    transaction::{Outcome, Transaction, TransactionOptions},
};
