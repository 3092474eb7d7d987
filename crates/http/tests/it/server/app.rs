//! A server in this process, on a free port.

use std::net::SocketAddr;
use std::time::Duration;

use atlas_config::{Config, Options, Profile};
use atlas_core::{App, HealthCheck, Module, Running};
use atlas_http::{HttpConfig, Listening, Routes};
use axum::Router;
use tokio::runtime::Runtime;

use super::client::Client;

/// A server that is stopped when it is dropped. It has a runtime of its own, so that a test may block.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) runtime: Runtime,
    running: Option<Running>,
}

/// What a test wants served, and how.
pub(crate) struct Setup {
    routes: Routes,
    config: HttpConfig,
    checks: Vec<HealthCheck>,
    profile: Profile,
    threads: usize,
}

impl Setup {
    pub(crate) fn new(router: Router) -> Self {
        Self::of(Routes::from(router))
    }

    pub(crate) fn of(routes: Routes) -> Self {
        let mut config = HttpConfig::default();
        config.port = 0;
        Self {
            routes,
            config,
            checks: Vec::new(),
            profile: Profile::Test,
            threads: 2,
        }
    }

    pub(crate) fn config(mut self, change: impl FnOnce(&mut HttpConfig)) -> Self {
        change(&mut self.config);
        self
    }

    pub(crate) fn check(mut self, check: HealthCheck) -> Self {
        self.checks.push(check);
        self
    }

    pub(crate) fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// How many threads serve.
    pub(crate) fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    pub(crate) fn app(self) -> App {
        let Self {
            routes,
            config,
            checks,
            profile,
            threads: _,
        } = self;
        let mut module = Module::new("under_test").contribute(move || routes);
        for check in checks {
            module = module.contribute(move || check.clone());
        }
        // no file and no variable of this machine has a say
        let source = Config::load(&Options::default().profile(profile));
        App::new("under_test")
            .module(atlas_config::module())
            .module(atlas_telemetry::module())
            .module(atlas_http::module())
            .module(module)
            .expose::<Listening>()
            .with(move |overrides| {
                overrides
                    .replace(move || source.clone())
                    .replace(move || config.clone())
            })
    }

    pub(crate) fn start(self) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads)
            .enable_all()
            .build()
            .unwrap();
        let (running, address) = runtime.block_on(async {
            let running = match self.app().start().await {
                Ok(running) => running,
                Err(error) => panic!("{error}"),
            };
            let listening: Listening = running.get().unwrap();
            let address = listening.address().await;
            (running, address)
        });
        Server {
            address,
            runtime,
            running: Some(running),
        }
    }
}

impl Server {
    /// A new connection.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// All metrics as text.
    pub(crate) fn metrics(&self) -> String {
        self.connect().get("/metrics").text()
    }

    /// Waits until a line of the metrics is there.
    pub(crate) fn wait_for_metric(&self, line: &str) {
        for _ in 0..400 {
            if self.metrics().lines().any(|it| it == line) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("`{line}` never came up in\n{}", self.metrics());
    }

    /// Waits until this many requests are being served, the one that asks not counted.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let count = count + 1;
        self.wait_for_metric(&format!(
            r#"http_server_active_requests{{http_request_method="GET",url_scheme="http"}} {count}"#
        ));
    }

    /// Begins to stop, and gives a handle to wait for the end.
    pub(crate) fn stop(&mut self) -> std::thread::JoinHandle<Result<(), String>> {
        let running = self.running.take().unwrap();
        let handle = self.runtime.handle().clone();
        std::thread::spawn(move || {
            handle
                .block_on(running.stop())
                .map_err(|error| error.to_string())
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running.stop());
        }
    }
}
