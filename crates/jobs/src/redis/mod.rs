//! Jobs in Redis 7 or later, one server or a cluster.
//!
//! All keys of a store lie under one hash tag, `{<redis.prefix>jobs}`, and so on one server of a cluster; whatever moves a
//! job is one Lua script there, by that server's time. No key expires, and a server that may evict keys is refused at the
//! start. `docs/jobs.md` says what is kept under which key, what it costs and what a crash of the server may lose.
//!
//! ```no_run
//! use atlas_jobs::{RedisStore, store::Store};
//! use atlas_redis::{Redis, RedisConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let redis = Redis::new(&RedisConfig::at("redis://127.0.0.1:6379"))?;
//! let store = RedisStore::new(redis);
//! store.prepare().await?;
//! # Ok(()) }
//! ```

mod answer;
mod error;
mod fitness;
mod operate;
mod read;
mod record;
mod script;
mod store;
mod wake;
mod write;

pub use self::store::RedisStore;
