//! Redis for Atlas services: one shared handle that connects when it is first used, answers within a bounded time, and
//! heals by itself.
//!
//! [`Redis`] is a component: clone it freely, all clones share one connection to each server. Commands are those of the
//! crate [`redis`], which is re-exported.
//!
//! ```
//! use atlas_redis::{Error, Redis, RedisConfig, redis::cmd};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
//! # let url = format!("redis://127.0.0.1:{free}");
//! let redis = Redis::new(&RedisConfig::at(url))?;     // nothing is connected yet
//! let count: Result<u64, Error> = redis.run(cmd("INCR").arg(redis.key("visits"))).await;
//! assert!(count.unwrap_err().is_transient(), "no server listens there");
//! # Ok(()) }
//! ```
//!
//! It is made for short commands that many callers send at the same time. A command that waits in the server (`BLPOP`,
//! `XREAD BLOCK`) would hold up all others and does not belong here; wait for a message of a [`Subscription`] instead.

mod cluster;
mod config;
mod diagnostics;
mod error;
mod handle;
mod link;
mod metrics;
mod module;
mod script;
mod subscription;

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[doc = include_str!("../../../docs/redis.md")]
    mod redis {}
    #[doc = include_str!("../../../docs/errors/A220.md")]
    mod a220 {}
}

pub use redis;

pub use self::config::{Readiness, RedisConfig};
pub use self::error::Error;
pub use self::handle::Redis;
pub use self::module::module;
pub use self::script::Script;
pub use self::subscription::{Event, Message, Subscription};
