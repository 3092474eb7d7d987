//! What a seed is.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use atlas_config::Profile;
use atlas_core::{BoxError, Component};

use sea_orm::ConnectionTrait;

use super::records::Fixtures;
use crate::{Db, migration::split};

pub(super) type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Rows for some profiles, contributed by a module: code that writes them, or a file of [`Fixtures`].
#[derive(Clone)]
pub struct Seed {
    pub(super) name: &'static str,
    pub(super) profiles: Arc<[Profile]>,
    pub(super) source: Source,
}

/// Where the rows come from.
#[derive(Clone)]
pub(super) enum Source {
    Code(Arc<dyn Fn(Db) -> Work + Send + Sync>),
    Fixtures(Arc<Fixtures>),
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
        let plant = move |db| -> Work {
            let planted = plant(db);
            Box::pin(async move { planted.await.map_err(Into::into) })
        };
        Self {
            name,
            profiles: profiles.into_iter().collect(),
            source: Source::Code(Arc::new(plant)),
        }
    }

    /// A seed of SQL in the given profiles: its statements run one after the other, in a transaction. They are the engine's own,
    /// and must change nothing when they run again: `INSERT … ON CONFLICT DO NOTHING`, or `INSERT IGNORE` on MySQL and MariaDB.
    pub fn sql(
        name: &'static str,
        profiles: impl IntoIterator<Item = Profile>,
        text: &'static str,
    ) -> Self {
        Self::new(name, profiles, move |db: Db| async move {
            for statement in split(text, db.get_database_backend()) {
                db.execute_unprepared(statement.text()).await?;
            }
            Ok::<_, sea_orm::DbErr>(())
        })
    }

    /// What it is called in reports and on the command line.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The profiles it runs in.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The file its records are in; nothing for one that is code.
    pub fn file(&self) -> Option<&str> {
        match &self.source {
            Source::Code(_) => None,
            Source::Fixtures(records) => Some(records.file().name()),
        }
    }

    /// Whether it is meant for a profile.
    pub fn is_for(&self, profile: Profile) -> bool {
        self.profiles.contains(&profile)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("name", &self.name)
            .field("profiles", &self.profiles)
            .field("file", &self.file())
            .finish_non_exhaustive()
    }
}
