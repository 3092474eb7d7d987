//! How a test wants its app.

use std::path::PathBuf;
use std::sync::Arc;

use atlas::config::{Config, Description, Options, Profile};
use atlas::core::{App, Component, Constructor, Module, Output, Param};
use atlas::http::{Api, Listening};
use atlas::telemetry;
use atlas_servers::Absent;

use crate::app::TestApp;
use crate::client::Client;
#[cfg(feature = "db")]
use crate::database::{Slot, Wish, with_database};
use crate::folder::Folder;

/// An app on its way into a test: parts swapped, keys set, then [`start`](Builder::start)ed.
#[must_use = "nothing runs until it is started"]
#[derive(Debug)]
pub struct Builder {
    app: App,
    options: Options,
    in_process: bool,
    #[cfg(feature = "jobs")]
    inline_jobs: bool,
    /// Whether parts or keys were changed that seeds may look at.
    #[cfg_attr(not(feature = "db"), allow(dead_code, reason = "only seeds care"))]
    altered: bool,
    #[cfg(feature = "db")]
    engine: Option<atlas::db::Engine>,
}

impl Builder {
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            options: Options::default().profile(Profile::Test),
            in_process: false,
            #[cfg(feature = "jobs")]
            inline_jobs: false,
            altered: false,
            #[cfg(feature = "db")]
            engine: None,
        }
    }

    /// Swaps a component: what `constructor` makes takes its place, as with [`Module::replace`].
    #[track_caller]
    pub fn replace<F, Args, Kind>(self, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        self.with(|module| module.replace(constructor))
    }

    /// Swaps a component for a value that is there already.
    #[track_caller]
    pub fn swap<T: Component>(self, value: T) -> Self {
        self.with(|module| module.replace(move || value.clone()))
    }

    /// Adds or overrides any part of the app.
    pub fn with(mut self, overrides: impl FnOnce(Module) -> Module) -> Self {
        self.app = self.app.with(overrides);
        self.altered = true;
        self
    }

    /// Builds `T` even if nothing asks for it, so that [`TestApp::get`] has it.
    #[track_caller]
    pub fn expose<T: Param>(mut self) -> Self {
        self.app = self.app.expose::<T>();
        self
    }

    /// Sets a configuration key, above the files: `.set("http.max_body_bytes", "1KiB")`.
    pub fn set(mut self, key: &str, value: impl ToString) -> Self {
        self.options = self.options.set(key, value.to_string());
        let section = key.split_once('.').map_or(key, |(section, _)| section);
        self.altered |= !matches!(section, "database" | "http" | "log");
        self
    }

    /// Reads configuration files from this folder; without it from `config` in the package under test, if it is there.
    pub fn config_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.options = self.options.dir(dir);
        self.altered = true;
        self
    }

    /// Runs in another profile than `test`.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.options = self.options.profile(profile);
        self
    }

    /// Sends requests straight into the routes: no socket, no server, and so none of its limits, headers and operations
    /// endpoints. Quicker, and good for what handlers say.
    pub fn in_process(mut self) -> Self {
        self.in_process = true;
        self
    }

    /// Runs background jobs where they are enqueued, before that call returns; one that fails fails the call. Only what is due
    /// runs: a job that is delayed, or to be retried, waits for [`TestJobs::drain`](crate::TestJobs::drain) and its likes. A job
    /// that is enqueued in a transaction runs inside of it, before the commit, and what it writes is part of it.
    ///
    /// The jobs are kept in memory then, whatever the configuration says.
    #[cfg(feature = "jobs")]
    pub fn inline_jobs(mut self) -> Self {
        self.inline_jobs = true;
        for (key, value) in crate::jobs::inline_keys(&self.app) {
            self.options = self.options.set(*key, *value);
        }
        self
    }

    /// Runs on this engine, whatever the configuration and `ATLAS_TEST_DATABASE` say.
    #[cfg(feature = "db")]
    pub fn database(mut self, engine: atlas::db::Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Starts the app; in the profile `test` its database is migrated and seeded, unless `database.seed` is `skip`.
    ///
    /// # Panics
    /// When it does not start, with the reason.
    pub async fn start(self) -> TestApp {
        match self.try_start().await {
            Ok(app) => app,
            Err(absent) => no_server(&absent),
        }
    }

    /// As [`start`](Self::start); a server that this machine does not have is an error, so that a test can be
    /// [skipped](atlas_servers::skipped) without it.
    pub(crate) async fn try_start(self) -> Result<TestApp, Absent> {
        crate::log::capture();
        let folder = Folder::new();
        let (name, version) = (self.app.name(), self.app.version_name().unwrap_or("test"));
        #[cfg(feature = "db")]
        let (app, slot) = {
            let asked = |(key, _): &(String, String)| key == "database.url";
            let slot = Slot::default();
            let wish = Wish {
                name,
                engine: self.engine,
                altered: self.altered,
                folder: folder.path().to_owned(),
            };
            match self.options.overrides.iter().any(asked) {
                true => (self.app, slot),
                false => (with_database(self.app, wish, slot.clone()), slot),
            }
        };
        #[cfg(not(feature = "db"))]
        let app = self.app;
        let options = Arc::new(self.options);
        // the sections say which keys the app has
        let app = app.with(|module| {
            let service = move || telemetry::Service::new(name, version);
            module
                .replace(move |sections: Vec<Description>| {
                    Config::load(&completed(&options, &sections))
                })
                .contribute(service)
        });
        #[cfg(feature = "jobs")]
        let (app, reins) = crate::jobs::reach(app, self.inline_jobs);
        let mut without: Vec<&str> = Vec::new();
        #[cfg(feature = "jobs")]
        if reins.is_some() {
            without.push(atlas::jobs::PROCESS);
        }
        let app = match self.in_process {
            true => {
                without.push("http");
                app.expose::<Option<Api>>()
            }
            false => app.expose::<Option<Listening>>(),
        };
        let app = match without.is_empty() {
            true => app,
            false => all_but(app, &without),
        };
        let running = match app.start().await {
            Ok(running) => running,
            Err(error) => {
                #[cfg(feature = "db")]
                if let Some(absent) = slot.take_absent() {
                    return Err(absent);
                }
                failed(name, &error)
            }
        };
        let client = match self.in_process {
            true => running
                .get::<Option<Api>>()
                .flatten()
                .map(|api| Client::InProcess(Arc::new(api.router()))),
            false => match running.get::<Option<Listening>>().flatten() {
                Some(listening) => Some(Client::Socket(listening.address().await)),
                None => None,
            },
        };
        #[cfg(feature = "jobs")]
        let jobs = crate::jobs::of(&running, reins).await;
        let app = TestApp::new(name, running, client, folder);
        #[cfg(feature = "jobs")]
        let app = app.with_jobs(jobs);
        #[cfg(feature = "db")]
        let app = app.holding(slot.take_hold());
        Ok(app)
    }
}

impl From<App> for Builder {
    fn from(app: App) -> Self {
        Self::new(app)
    }
}

/// All processes but these.
fn all_but(app: App, without: &[&str]) -> App {
    // an empty selection would leave out invoked functions too
    const NOTHING: &str = "in process";
    let app = app.with(|module| module.process(NOTHING, || {}));
    let mut others = app.processes();
    others.retain(|process| !without.contains(process));
    app.only(&others)
}

/// Sets what makes an app one of many: a port that is free.
fn completed(options: &Options, sections: &[Description]) -> Options {
    let has = |section: &str| sections.iter().any(|it| it.name() == section);
    assert!(
        cfg!(feature = "db") || !has("database"),
        "the app has a database: enable the feature `sqlite`, `postgres` or `mysql` of `atlas-kit-test`"
    );
    let mut options = options.clone();
    let asked = options
        .overrides
        .iter()
        .any(|(name, _)| name == "http.port");
    if !asked && has("http") {
        let port = ("http.port".to_owned(), "0".to_owned());
        options.overrides.push(port);
    }
    options
}

#[allow(clippy::panic, reason = "an app that does not start fails the test")]
fn failed(name: &str, error: &dyn std::fmt::Display) -> ! {
    panic!("`{name}` did not start\n{error}")
}

#[allow(
    clippy::panic,
    reason = "whoever starts an app by hand cannot be skipped for them"
)]
fn no_server(absent: &Absent) -> ! {
    panic!("{absent}")
}
