//! An app under test.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use atlas::core::{App, Param, Running};
use http::Method;
use serde::Serialize;

use crate::builder::Builder;
use crate::client::Client;
#[cfg(feature = "db")]
use crate::database::Hold;
use crate::folder::Folder;
use crate::request::Request;

/// A running app, and a client for it.
///
/// Each one listens on a port of its own and has a database of its own, so tests run side by side. It is told to stop
/// when it is dropped; [`stop`](Self::stop) waits until it has, and checks that nothing went wrong on the way.
pub struct TestApp {
    name: &'static str,
    /// Taken by [`TestApp::stop`]; in a mutex so that tests may share the app between threads.
    running: Mutex<Option<Running>>,
    client: Option<Client>,
    #[cfg(feature = "db")]
    hold: Option<Hold>,
    folder: Folder,
    #[cfg(feature = "jobs")]
    pub(crate) jobs: Option<crate::TestJobs>,
}

impl TestApp {
    /// Starts the app in the profile `test`: on a free port, with an empty database that is then migrated and seeded.
    ///
    /// # Panics
    /// When it does not start, with the reason.
    pub async fn start(app: App) -> Self {
        Builder::new(app).start().await
    }

    /// An app with parts swapped or keys set.
    pub fn builder(app: App) -> Builder {
        Builder::new(app)
    }

    pub(crate) fn new(
        name: &'static str,
        running: Running,
        client: Option<Client>,
        folder: Folder,
    ) -> Self {
        Self {
            name,
            running: Mutex::new(Some(running)),
            client,
            #[cfg(feature = "db")]
            hold: None,
            folder,
            #[cfg(feature = "jobs")]
            jobs: None,
        }
    }

    #[cfg(feature = "db")]
    pub(crate) fn holding(mut self, hold: Option<Hold>) -> Self {
        self.hold = hold;
        self
    }

    #[cfg(feature = "jobs")]
    pub(crate) fn with_jobs(mut self, jobs: Option<crate::TestJobs>) -> Self {
        self.jobs = jobs;
        self
    }

    /// A `GET` request.
    #[track_caller]
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A `POST` request with a JSON body.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// A `PUT` request with a JSON body.
    #[track_caller]
    pub fn put(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// A `PATCH` request with a JSON body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// A `DELETE` request.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any request; the path may have a query.
    ///
    /// # Panics
    /// When the app has no HTTP.
    #[track_caller]
    pub fn request(&self, method: Method, path: &str) -> Request {
        let client = self
            .client
            .clone()
            .expect("the app has `atlas::http::module()`");
        Request::new(client, method, path)
    }

    /// Where the app listens: `http://127.0.0.1:40123`.
    ///
    /// # Panics
    /// When it does not, because it runs in process or has no HTTP.
    #[track_caller]
    pub fn url(&self) -> String {
        let address = match &self.client {
            Some(Client::Socket(address)) => Some(address),
            _ => None,
        };
        format!("http://{}", address.expect("the app listens on a socket"))
    }

    /// A component of the app, for what no request can ask: `app.component::<Db>()`.
    ///
    /// # Panics
    /// When nothing has asked for it; [`Builder::expose`] does.
    #[track_caller]
    pub fn component<T: Param>(&self) -> T {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let found = running.as_ref().and_then(Running::get::<T>);
        found.expect("the component is part of what runs, or was exposed")
    }

    /// Stops the app and waits until it has.
    ///
    /// # Panics
    /// When a hook or task failed or ran out of time.
    #[allow(
        clippy::panic,
        reason = "an app that does not stop well fails the test"
    )]
    #[cfg_attr(
        not(feature = "db"),
        allow(unused_mut, reason = "only a database is taken out")
    )]
    pub async fn stop(mut self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let running = running.expect("only `stop` takes it");
        if let Err(error) = running.stop().await {
            panic!("`{}` did not stop well\n{error}", self.name);
        }
        #[cfg(feature = "db")]
        if let Some(hold) = self.hold.take() {
            hold.remove().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let running = self
            .running
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running {
            running.shutdown().request(0);
        }
    }
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp")
            .field("name", &self.name)
            .field("client", &self.client)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
