//! Jobs in the memory of this process: for tests, and for work that may be lost with it.
//!
//! It keeps every promise of the [port](crate::store::Store), and what it cannot promise it says in its
//! [features](crate::store::Features): jobs end with the process, and no other process sees them. A claim among a million
//! jobs takes as long as one among a thousand, give or take a logarithm; [pruning](crate::store::Store::prune) bounds the
//! memory.
//!
//! ```
//! use std::time::Duration;
//! use atlas_jobs::{MemoryStore, clock::TestClock, store::Store};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atlas_jobs::Result<()> {
//! let clock = TestClock::new();
//! let store = MemoryStore::with_clock(clock.clone());
//! let before = store.now().await?;
//! clock.advance(Duration::from_secs(30));
//! assert_eq!((store.now().await? - before).num_seconds(), 30);
//! # Ok(())
//! # }
//! ```

mod admin;
mod bell;
mod claim;
mod core;
mod enqueue;
mod entry;
mod finish;
mod index;
mod read;
mod schedule;
mod store;

pub use self::store::MemoryStore;
