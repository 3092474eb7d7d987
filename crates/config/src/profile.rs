//! Where a service runs.

use std::fmt;
use std::str::FromStr;

use atlas_core::Component;
use serde::{Deserialize, Serialize};

/// Where a service runs: on a laptop, under test, or for real users.
///
/// It chooses `config/<profile>.toml` and the built-in defaults that differ, and in production the checks that only
/// matter there. Given by `--profile`, else the variable `ATLAS_PROFILE`, else development.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// On a developer's machine: readable logs, migrations applied at start, documentation pages on.
    #[default]
    Development,
    /// Under test: like development, with nothing kept and nothing shared.
    Test,
    /// For real users: structured logs, migrations checked only, development secrets refused.
    Production,
}

impl Profile {
    /// All three, in the order of their names in files and reports.
    pub const ALL: [Self; 3] = [Self::Development, Self::Test, Self::Production];

    /// The name in `ATLAS_PROFILE`, `--profile` and `config/<name>.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Production => "production",
        }
    }

    /// The profile that was probably meant by a name: an abbreviation, or one that is a few letters away.
    pub(crate) fn near(name: &str) -> Option<Self> {
        let abbreviated = |profile: &Self| name.len() >= 3 && profile.name().starts_with(name);
        let alike = || {
            atlas_schema::closest(name, Self::ALL.map(Self::name))?
                .parse()
                .ok()
        };
        Self::ALL.into_iter().find(abbreviated).or_else(alike)
    }

    /// Whether real users are served.
    #[must_use]
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}

impl Component for Profile {}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let known = Self::ALL.into_iter().find(|profile| profile.name() == name);
        known.ok_or_else(|| UnknownProfile {
            name: name.to_owned(),
        })
    }
}

/// A profile that does not exist was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProfile {
    name: String,
}

impl UnknownProfile {
    /// What was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a profile: choose `development`, `test` or `production`",
            self.name.escape_debug()
        )
    }
}

impl std::error::Error for UnknownProfile {}
