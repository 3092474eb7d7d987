//! Seeds: the rows an empty database needs, per profile.
//!
//! A seed is run again and again and must change nothing the second time: write rows with [`upsert`], which inserts by
//! key or updates. Each runs in a transaction of its own.

mod records;
mod runner;
mod upsert;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use atlas_config::Profile;
use atlas_core::{BoxError, Component};

pub use self::{
    records::{RecordsError, json, toml},
    runner::{Seeded, Seeds},
    upsert::upsert,
};
use crate::Db;

type Plant = dyn Fn(Db) -> Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> + Send + Sync;

/// Rows for some profiles, contributed by a module.
#[derive(Clone)]
pub struct Seed {
    name: &'static str,
    profiles: Arc<[Profile]>,
    plant: Arc<Plant>,
}

impl Component for Seed {}

impl Seed {
    /// A seed that runs in the given profiles. `plant` gets the database handle and works inside a transaction.
    pub fn new<F, Fut, E>(
        name: &'static str,
        profiles: impl IntoIterator<Item = Profile>,
        plant: F,
    ) -> Self
    where
        F: Fn(Db) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let plant = move |db| -> Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> {
            let planted = plant(db);
            Box::pin(async move { planted.await.map_err(Into::into) })
        };
        Self {
            name,
            profiles: profiles.into_iter().collect(),
            plant: Arc::new(plant),
        }
    }

    /// What it is called in reports.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The profiles it runs in.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("name", &self.name)
            .field("profiles", &self.profiles)
            .finish_non_exhaustive()
    }
}
