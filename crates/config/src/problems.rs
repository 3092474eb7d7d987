//! Where a section puts what is wrong with it.

use crate::production;
use crate::profile::Profile;
use crate::value::Secret;

/// Where a section puts what is wrong with it, see [`Section::check`](crate::Section::check).
#[derive(Debug)]
pub struct Problems {
    profile: Profile,
    known_secrets: &'static [&'static str],
    found: Vec<Finding>,
}

/// One thing that a section found wrong.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problems {
    pub(crate) fn new(profile: Profile, known_secrets: &'static [&'static str]) -> Self {
        Self {
            profile,
            known_secrets,
            found: Vec::new(),
        }
    }

    /// The profile that is checked, for rules that hold only in production.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Adds a problem with `key`, named from within the section (`port`, `tls.certificate`).
    ///
    /// The message goes on after the key and its value: `must be less than max_connections`. `help` says the way out.
    /// Neither may hold a secret.
    pub fn add(&mut self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Finding {
            key: key.to_owned(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// Refuses a secret that the world knows when the profile is production.
    ///
    /// Keys of type [`Secret`] are looked at anyway; this is for secrets within a value, such as the password of a
    /// parsed URL.
    pub fn refuse_known_secret(&mut self, key: &str, secret: &Secret<String>) {
        if self.profile.is_production() && production::is_known(secret.expose(), self.known_secrets)
        {
            self.add(key, production::KNOWN, production::KNOWN_HELP);
        }
    }

    pub(crate) fn into_found(self) -> Vec<Finding> {
        self.found
    }
}
