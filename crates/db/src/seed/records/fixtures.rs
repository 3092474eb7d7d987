//! A file of records as a seed.

use std::{fmt, sync::Arc};

use atlas_config::Profile;
use sea_orm::EntityTrait;

use super::{
    file::SeedFile,
    target::{EntityTarget, Target},
};
use crate::seed::{Seed, definition::Source};

/// A seed of records in a file, which refer to each other by label.
///
/// The file has a table for each table of the database, and in it either records by label or a list of them. A field is
/// named as its column; `{ ref = "categories.tea" }` stands for the primary key of another record, in this file or in
/// that of another seed, and `{ ref = "categories.tea", column = "code" }` for another column of it.
///
/// ```toml
/// [categories.tea]
/// slug = "tea"
///
/// [products.sencha]
/// slug = "sencha"
/// category_id = { ref = "categories.tea" }
/// ```
///
/// Each entity says by which columns its rows are found again, so that a second run changes nothing and a changed record
/// changes its row:
///
/// ```text
/// Fixtures::new("catalog", seed_file!("seeds/catalog.toml"))
///     .table::<category::Entity>([category::Column::Slug])
///     .table::<product::Entity>([product::Column::Slug])
///     .seed([Profile::Development, Profile::Test])
/// ```
#[must_use = "`seed` makes a seed of it"]
pub struct Fixtures {
    name: &'static str,
    file: SeedFile,
    targets: Vec<Arc<dyn Target>>,
}

impl Fixtures {
    /// The records of a file, under the name of their seed.
    pub fn new(name: &'static str, file: SeedFile) -> Self {
        Self {
            name,
            file,
            targets: Vec::new(),
        }
    }

    /// Records of this entity, whose rows are found again by the columns of `key`; by the primary key when there is none.
    pub fn table<E>(mut self, key: impl IntoIterator<Item = E::Column>) -> Self
    where
        E: EntityTrait<ActiveModel: Send + Sync, Model: Sync>,
    {
        self.targets.push(Arc::new(EntityTarget::<E>::new(key)));
        self
    }

    /// The seed, which runs in these profiles.
    pub fn seed(self, profiles: impl IntoIterator<Item = Profile>) -> Seed {
        Seed {
            name: self.name,
            profiles: profiles.into_iter().collect(),
            source: Source::Fixtures(Arc::new(self)),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn file(&self) -> &SeedFile {
        &self.file
    }

    pub(super) fn targets(&self) -> &[Arc<dyn Target>] {
        &self.targets
    }
}

impl fmt::Debug for Fixtures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables: Vec<&str> = self.targets.iter().map(|it| it.table()).collect();
        f.debug_struct("Fixtures")
            .field("name", &self.name)
            .field("file", &self.file.name())
            .field("tables", &tables)
            .finish()
    }
}
