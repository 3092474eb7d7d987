//! Jobs in the service's database.
//!
//! One table holds the jobs, and what a job waits for is a column that is set only while it waits for it, so that each
//! question is a short walk along an index, however many jobs have ended. Whoever claims passes over rows that others have
//! locked (`SKIP LOCKED`), and rows that have to be waited for are locked in the order of their names: no two callers wait
//! for each other.
//!
//! Enqueueing and finishing join the caller's transaction; everything else runs outside of it.

mod base;
mod claim;
mod enqueue;
mod error;
mod find;
mod finish;
mod lease;
mod limit;
mod migration;
mod operate;
mod row;
mod schedule;
mod store;
mod wake;

pub(crate) use self::{
    base::{Base, millis, storable},
    row::at,
};
pub use self::{migration::tables, store::SqlStore};
