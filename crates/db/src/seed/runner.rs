//! Runs the seeds of a profile.

use std::{fmt, sync::Arc};

use atlas_config::Profile;
use atlas_core::{BoxError, Component, Diagnostic};
use serde::Serialize;

use super::{
    Seed,
    definition::Source,
    order,
    records::{Fault, Library},
    tally::{Progress, SeededTable, Tally, Watch},
};
use crate::{Db, diagnostics};

/// All seeds of a service, in the order its modules contribute them.
#[derive(Clone)]
pub struct Seeds {
    pub(super) db: Db,
    seeds: Vec<Seed>,
    force: bool,
    only: Option<Vec<String>>,
    watch: Option<Watch>,
}

impl Component for Seeds {}

/// What became of a seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seeded {
    /// Its name.
    pub name: &'static str,
    /// Whether it ran; otherwise it is not meant for the profile.
    pub ran: bool,
    /// The rows it brought, table by table, as far as [`upsert`](super::upsert) or a file of records brought them.
    pub tables: Vec<SeededTable>,
}

impl Seeds {
    /// Collects the seeds.
    pub fn new(db: Db, seeds: Vec<Seed>) -> Self {
        Self {
            db,
            seeds,
            force: false,
            only: None,
            watch: None,
        }
    }

    /// Runs no others than these. A name that no seed has is passed over: look it up in [`list`](Self::list).
    #[must_use]
    pub fn only<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Lets them run in production too.
    #[must_use]
    pub fn force_production(mut self) -> Self {
        self.force = true;
        self
    }

    /// Tells `watch` how far they have come, again and again.
    #[must_use]
    pub fn watch(mut self, watch: impl Fn(Progress<'_>) + Send + Sync + 'static) -> Self {
        self.watch = Some(Arc::new(watch));
        self
    }

    /// Says whether they may run in a profile.
    ///
    /// # Errors
    ///
    /// A217 in production, unless [forced](Self::force_production).
    pub fn allowed(&self, profile: Profile) -> Result<(), Diagnostic> {
        match profile.is_production() && !self.force {
            true => Err(diagnostics::seed_refused(&self.db)),
            false => Ok(()),
        }
    }

    /// Runs those meant for the profile, one after the other, each in a transaction.
    ///
    /// A file of records runs behind the files that its records refer to; otherwise the order is that of
    /// [`list`](Self::list).
    ///
    /// # Errors
    ///
    /// A217 in production, unless [forced](Self::force_production); A218 when a record refers to one that does not
    /// exist; A207 when a seed fails otherwise. That one is rolled back, those before it stay.
    pub async fn run(&self, profile: Profile) -> Result<Vec<Seeded>, Diagnostic> {
        self.allowed(profile)?;
        let known: Vec<&Seed> = self.seeds.iter().filter(|it| it.is_for(profile)).collect();
        let asked = |seed: &&&Seed| match &self.only {
            Some(names) => names.iter().any(|name| name == seed.name),
            None => true,
        };
        let chosen: Vec<&Seed> = known.iter().filter(asked).copied().collect();
        let records = known.iter().filter_map(|seed| match &seed.source {
            Source::Code(_) => None,
            Source::Fixtures(records) => Some(records.as_ref()),
        });
        let mut library = Library::new(records.collect());
        let ordered = order::by_reference(&chosen, &mut library)
            .map_err(|(name, fault)| diagnostics::seed_fault(&self.db, name, fault))?;

        let mut report = Vec::with_capacity(self.seeds.len());
        for seed in ordered {
            let tables = self.plant(seed, &mut library).await?;
            let rows: u64 = tables.iter().map(|it| it.rows.total()).sum();
            let rows = (!tables.is_empty()).then_some(rows);
            tracing::info!(target: "atlas::db", seed = seed.name, rows, "seed planted");
            report.push(Seeded {
                name: seed.name,
                ran: true,
                tables,
            });
        }
        let others = self.seeds.iter().filter(|it| !it.is_for(profile));
        report.extend(others.filter(|it| asked(&it)).map(|it| Seeded {
            name: it.name,
            ran: false,
            tables: Vec::new(),
        }));
        Ok(report)
    }

    async fn plant(
        &self,
        seed: &Seed,
        library: &mut Library<'_>,
    ) -> Result<Vec<SeededTable>, Diagnostic> {
        let tally = Tally::new(seed.name, self.watch.clone());
        let db = &self.db;
        match &seed.source {
            Source::Code(plant) => {
                let planted: Result<(), BoxError> =
                    tally.count(db.transaction(|| plant(db.clone()))).await;
                planted.map_err(|error| diagnostics::seed_failed(db, seed.name, error))?;
            }
            Source::Fixtures(records) => {
                let planted: Result<(), Fault> = tally
                    .count(db.transaction(|| library.plant(db, records)))
                    .await;
                planted.map_err(|fault| diagnostics::seed_fault(db, seed.name, fault))?;
            }
        }
        Ok(tally.tables())
    }

    /// The seeds in order.
    pub fn list(&self) -> &[Seed] {
        &self.seeds
    }
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seeds")
            .field("seeds", &self.seeds)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}
