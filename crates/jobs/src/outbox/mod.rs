//! Jobs that go through a table of the service's database to a store elsewhere.
//!
//! A store that is not the database, such as Redis, knows nothing of the caller's transaction. With an [`Outbox`] around it,
//! a job that is enqueued inside of one is written to a table, and so is there if and only if that commits; a relay moves it
//! on. The name of the job makes that safe: moved twice, it is there once.

mod letter;
mod relay;
mod store;

pub use self::store::Outbox;
