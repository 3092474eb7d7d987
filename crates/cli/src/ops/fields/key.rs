//! The primary key of an entity.

use crate::{Error, Result};

/// What identifies a thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Key {
    /// A UUID of version 7, made by the service: sorted by time, unguessable enough, the same on every database.
    #[default]
    Uuid,
    /// A number of 64 bits, made by the database.
    Int,
    /// A text the client chooses.
    String,
}

impl Key {
    /// All of them, in the order of the help page.
    pub const ALL: [Self; 3] = [Self::Uuid, Self::Int, Self::String];

    /// As it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Int => "int",
            Self::String => "string",
        }
    }

    /// Finds a key by its name.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|key| key.name() == name)
            .ok_or_else(|| {
                Error::usage(format!("no key `{name}`"))
                    .place("--key")
                    .help("the keys are uuid (the default), int, string")
            })
    }
}
