//! What a new service shall be.

use std::path::PathBuf;

use super::{AtlasSource, Database, Part};
use crate::ops::names::ServiceName;

/// Everything `atlas new` must know.
#[derive(Clone, Debug)]
pub struct NewService {
    /// Its name.
    pub name: ServiceName,
    /// Its folder, which must not exist or be empty.
    pub folder: PathBuf,
    /// Where its Atlas comes from.
    pub atlas: AtlasSource,
    /// Its database.
    pub database: Database,
    /// What it has beside its first feature.
    pub parts: Vec<Part>,
}
