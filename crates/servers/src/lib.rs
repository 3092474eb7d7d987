//! Real servers for tests, databases and Redis: found by URL, or started from the programs that are installed.
//!
//! [`shared`] gives the address of a server that all tests of a checkout use together, however many processes they run
//! in; [`Server`] is one of a test's own, to be killed, paused and replicated, [`RedisCluster`] three of them. The first of these that answers is taken:
//!
//! 1. the URL in `ATLAS_TEST_POSTGRES_URL`, `ATLAS_TEST_MARIADB_URL`, `ATLAS_TEST_MYSQL_URL` or `ATLAS_TEST_REDIS_URL`; a
//!    wrong one is an error, never a reason to look further
//! 2. a private server, started from the programs on this machine (`ATLAS_TEST_POSTGRES_BIN` and its likes name another
//!    folder for them), on a free port of `127.0.0.1`, in a folder below the system's one for temporary files
//! 3. a container, when `docker` has an engine that answers
//! 4. nothing: [`Absent`] says why, and [`skipped`] says and counts it
//!
//! A shared server stays for some seconds after its last process has gone (`ATLAS_TEST_LINGER`), then goes by itself, also
//! when that process was killed. Data of such servers is not safe from a power cut, and need not be.
//!
//! ```no_run
//! use atlas_servers::{Kind, shared, skipped};
//!
//! match shared(Kind::Postgres) {
//!     Ok(postgres) => println!("{}", postgres.url_of("shop")),
//!     Err(absent) => skipped(&absent),
//! }
//! ```

mod absent;
mod address;
mod container;
mod engine;
mod join;
mod keeper;
mod kind;
mod ladder;
mod launch;
mod options;
mod place;
mod process;
mod redis_cluster;
mod replica;
mod server;

mod wire;

pub use self::absent::{Absent, skipped};
pub use self::address::Address;
pub use self::kind::Kind;
pub use self::ladder::shared;
pub use self::options::Options;
pub use self::place::{checkout_folder, is_alive};
pub use self::redis_cluster::RedisCluster;
pub use self::replica::Replica;
pub use self::server::Server;
pub use self::wire::Rows;
