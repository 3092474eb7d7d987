//! Crashes of job workers.
//!
//! - [`Place`] is a store of a case's own, which every process opens by its URL.
//! - [`Work`] is the job that they run: it writes down when it starts and ends, and leaves an effect where nothing keeps an
//!   effect from being there twice.
//! - [`serve`] runs it as a service does; [`roll`] is a program of which two [`Version`]s run side by side.
//! - [`order`] enqueues it in transactions, together with a row of its own.
//! - [`Verdict`] holds what was written down against what must be true.

mod orders;
mod place;
mod program;
mod service;
mod verdict;
mod versions;
mod work;

pub use self::{
    orders::{Orders, order},
    place::{CONNECTIONS, Place, Store as StoreKind},
    program::{ONE_THREAD, TICKS, enqueue_later, schedule, work},
    service::{GRACE, PLACES, serve},
    verdict::Verdict,
    versions::{Letter, NewLetter, Parcel, Person, Version, roll},
    work::{Work, client, enqueue},
};
