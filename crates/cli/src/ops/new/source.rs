//! Where the Atlas of a service comes from.

use std::path::{Path, PathBuf};

use toml_edit::InlineTable;

use crate::{Error, Exit, Result};

/// The source of the Atlas crates in a `Cargo.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtlasSource {
    /// A checkout on this machine.
    Path(PathBuf),
    /// A Git repository.
    Git(String),
    /// The registry.
    Version(String),
}

impl AtlasSource {
    /// The checkout this program was built from while it is there, else the registry at this program's version.
    #[must_use]
    pub fn default_source() -> Self {
        Self::built_from().unwrap_or_else(|| Self::Version(env!("CARGO_PKG_VERSION").to_owned()))
    }

    fn built_from() -> Option<Self> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
        Self::checkout(crates.parent()?).ok()
    }

    /// A checkout at this path.
    ///
    /// # Errors
    /// When there is none.
    pub fn checkout(path: &Path) -> Result<Self> {
        let wrong = |why: &str| {
            Error::usage(format!(
                "`{}` is no checkout of Atlas: {why}",
                path.display()
            ))
            .exit(Exit::Usage)
            .place("--atlas-path")
            .help("give the folder that holds `crates/atlas/Cargo.toml`")
        };
        let full = std::fs::canonicalize(path).map_err(|_| wrong("it does not exist"))?;
        if !full.join("crates/atlas/Cargo.toml").is_file() {
            return Err(wrong("it has no `crates/atlas/Cargo.toml`"));
        }
        Ok(Self::Path(full))
    }

    /// The folder of the checkout, if it is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Path(folder) => Some(folder),
            Self::Git(_) | Self::Version(_) => None,
        }
    }

    /// Points a dependency on one of the crates of Atlas here; `path` is its folder inside the checkout.
    pub(super) fn point(&self, dependency: &mut InlineTable, path: &str) {
        match self {
            Self::Path(folder) => {
                dependency.insert("path", folder.join(path).display().to_string().into());
            }
            Self::Git(url) => {
                dependency.insert("git", url.as_str().into());
            }
            Self::Version(version) => {
                dependency.insert("version", version.as_str().into());
            }
        }
    }
}
