//! One call of the binary: the app, and the configuration that the command line asks for.

use atlas_config::{Config, Description, Options};
use atlas_core::{App, Diagnostic};
use atlas_telemetry::Service;
use clap::ArgMatches;

use super::failure::Failure;
use super::printer::Printer;

/// What every command works with.
pub(super) struct Invocation {
    describe: fn() -> App,
    config: Config,
    pub(super) printer: Printer,
}

impl Invocation {
    /// Reads the configuration as the process and the command line say.
    pub(super) async fn new(
        describe: fn() -> App,
        matches: &ArgMatches,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let mut options = Options::from_process();
        if let Some(dir) = matches.get_one::<std::path::PathBuf>("config-dir") {
            options = options.dir(dir);
        }
        if let Some(profile) = matches.get_one::<String>("profile") {
            let profile = profile.parse();
            options.profile = Some(profile.map_err(|error: atlas_config::UnknownProfile| {
                Failure::new(error.to_string()).exit(2)
            })?);
        }
        let overrides = matches.get_many::<(String, String)>("set");
        options
            .overrides
            .extend(overrides.into_iter().flatten().cloned());

        let app = describe();
        let name = app.name();
        // an app without configuration cannot be told to use this one
        let configurable = app.resolve::<Option<Config>>().await?;
        if configurable.is_none() {
            return Err(Failure::new(format!("`{name}` has no configuration"))
                .exit(78)
                .help("add `.module(atlas::defaults())` as the first module of the app"));
        }
        Ok(Self {
            describe,
            config: Config::load(&options),
            printer: printer.plain(matches.get_flag("plain")),
        })
    }

    /// The app, once its whole configuration was found valid: what every command starts from that runs a part of it.
    pub(super) async fn valid_app(&self) -> Result<App, Failure> {
        let sections: Vec<Description> = self.app().resolve().await?;
        let resolution = self.config.resolve(sections);
        resolution.check_result().map_err(Diagnostic::from)?;
        Ok(self.app())
    }

    /// The app, with the configuration in its place.
    pub(super) fn app(&self) -> App {
        let app = (self.describe)();
        let service = Service::new(app.name(), app.version_name().unwrap_or_default());
        let config = self.config.clone();
        app.with(|overrides| {
            overrides
                .replace(move || config.clone())
                .contribute(move || service.clone())
        })
    }

    /// The configuration, read but not judged.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }
}
