//! Runs the seeds of a profile.

use atlas_config::Profile;
use atlas_core::{BoxError, Component, Diagnostic};
use serde::Serialize;

use super::Seed;
use crate::{Db, diagnostics};

/// All seeds of a service, in the order its modules contribute them.
#[derive(Clone)]
pub struct Seeds {
    db: Db,
    seeds: Vec<Seed>,
}

impl Component for Seeds {}

/// What became of a seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seeded {
    /// Its name.
    pub name: &'static str,
    /// Whether it ran; otherwise it is not meant for the profile.
    pub ran: bool,
}

impl Seeds {
    /// Collects the seeds.
    pub fn new(db: Db, seeds: Vec<Seed>) -> Self {
        Self { db, seeds }
    }

    /// Runs those meant for the profile, one after the other, each in a transaction.
    ///
    /// # Errors
    ///
    /// A207 when one fails; it is rolled back, those before it stay.
    pub async fn run(&self, profile: Profile) -> Result<Vec<Seeded>, Diagnostic> {
        let mut report = Vec::with_capacity(self.seeds.len());
        for seed in &self.seeds {
            let ran = seed.profiles.contains(&profile);
            if ran {
                let planted: Result<(), BoxError> =
                    self.db.transaction(|| (seed.plant)(self.db.clone())).await;
                planted.map_err(|error| diagnostics::seed_failed(&self.db, seed.name, error))?;
                tracing::info!(target: "atlas::db", seed = seed.name, "seed planted");
            }
            report.push(Seeded {
                name: seed.name,
                ran,
            });
        }
        Ok(report)
    }

    /// The seeds in order.
    pub fn list(&self) -> &[Seed] {
        &self.seeds
    }
}
