//! Seeds: the rows an empty database needs, per profile.
//!
//! A seed is run again and again and must change nothing the second time. [`Fixtures`] are a file of them, found again by a
//! natural key; code writes its rows with [`upsert`] or [`upsert_by`], which insert by key or update. Each seed runs in a
//! transaction of its own.

mod definition;
mod first;
mod order;
mod read;
mod records;
mod runner;
mod sequence;
mod tally;
mod upsert;

#[cfg(feature = "yaml")]
pub use self::read::yaml;
pub(crate) use self::records::Fault;
pub use self::{
    definition::Seed,
    read::{RecordsError, json, toml},
    records::{Fixtures, SeedFile},
    runner::{Seeded, Seeds},
    tally::{Progress, Rows, SeededTable},
    upsert::{upsert, upsert_by},
};
