//! The suite that proves a store: what each call of the [port](crate::store::Store) means, one case per property.
//!
//! [`conformance!`](crate::conformance!) makes a module of tests, one per case. All it needs is a [`Harness`], which opens
//! an empty store:
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use atlas_jobs::{MemoryStore, clock::TestClock, conformance::Harness, store::Store};
//!
//! #[derive(Default)]
//! struct Memory(TestClock);
//!
//! #[atlas_jobs::conformance::async_trait]
//! impl Harness for Memory {
//!     async fn open(&self) -> Option<Arc<dyn Store>> {
//!         Some(Arc::new(MemoryStore::with_clock(self.0.clone())))
//!     }
//!
//!     async fn advance(&self, by: Duration) {
//!         self.0.advance(by);
//!     }
//! }
//!
//! atlas_jobs::conformance!(memory, Memory::default());
//!
//! fn main() {
//!     // one case by hand, as the tests of that module run theirs
//!     let case = atlas_jobs::conformance::claim::an_empty_store_gives_nothing;
//!     atlas_jobs::conformance::run(case(&Memory::default()));
//! }
//! ```
//!
//! A store whose clock cannot be moved is waited for, some hundred milliseconds at a time. Cases share nothing, so they may
//! run side by side. What a store says in its [`Features`](crate::store::Features) that it cannot do is not asked of it.

mod bench;
mod cases;
mod harness;
mod run;

pub mod claim;
pub mod control;
pub mod dead;
pub mod enqueue;
pub mod finish;
pub mod lease;
pub mod limits;
pub mod listen;
pub mod payload;
pub mod priority;
pub mod race;
pub mod read;
pub mod rescue;
pub mod schedule;
pub mod transactions;
pub mod unique;

pub use async_trait::async_trait;

pub use self::{
    harness::{Harness, Work},
    run::run,
};
