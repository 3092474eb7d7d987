//! All sections, read and checked.

use std::fmt;
use std::sync::Arc;

use atlas_core::Component;

use crate::config::Config;
use crate::problem::{ConfigErrors, Problem};
use crate::profile::Profile;
use crate::resolution::Resolution;
use crate::section::{Description, Section};

/// All sections of an app, read and checked together: it exists only if every one of them is right.
#[derive(Clone)]
pub struct Settings(Arc<Resolution>);

impl Component for Settings {}

impl Settings {
    /// Checks all sections; the error is the whole report.
    pub fn check(config: &Config, sections: Vec<Description>) -> Result<Self, ConfigErrors> {
        let resolution = config.resolve(sections);
        resolution.check_result()?;
        Ok(Self(Arc::new(resolution)))
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.0.profile()
    }

    /// A section. An error only if its [`Description`] was not among those that were checked.
    pub fn section<T: Section>(&self) -> Result<T, ConfigErrors> {
        let value = self
            .0
            .values
            .get(T::NAME)
            .and_then(|it| it.downcast_ref::<T>());
        value.cloned().ok_or_else(|| {
            let what = format!("the section `{}` is not part of the app", T::NAME);
            let help = format!(
                "add `atlas::config::section::<{}>()` to its modules",
                std::any::type_name::<T>()
            );
            ConfigErrors::new(
                self.profile(),
                vec![Problem::new(what).key(T::NAME).help(help)],
            )
        })
    }

    /// Where each value comes from, for reports.
    #[must_use]
    pub fn resolution(&self) -> &Resolution {
        &self.0
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("profile", &self.profile())
            .finish_non_exhaustive()
    }
}
