//! The wiring.

use atlas_core::{Diagnostic, Module};

use crate::config::Config;
use crate::options::Options;
use crate::profile::Profile;
use crate::section::Description;
use crate::settings::Settings;

/// The module that every app has: [`Config`] read from the process, [`Settings`] checked, the [`Profile`].
///
/// Another source is `app.with(|m| m.replace(move || config.clone()))`.
#[must_use]
pub fn module() -> Module {
    Module::new("config")
        .provide(read)
        .provide(settings)
        .provide(profile)
}

fn read() -> Config {
    Config::load(&Options::from_process())
}

fn settings(config: Config, sections: Vec<Description>) -> Result<Settings, Diagnostic> {
    Settings::check(&config, sections).map_err(Diagnostic::from)
}

/// From the settings and not from [`Config`], so that a profile that does not exist is reported with all the rest.
fn profile(settings: Settings) -> Profile {
    settings.profile()
}
