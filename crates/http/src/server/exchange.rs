//! One request and its answer, until both are over.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Instant;

use atlas_telemetry::context::{self, Context};
use axum::http::uri::PathAndQuery;
use axum::http::{Request, StatusCode, Version};
use hyper::body::Incoming;

use super::access;
use super::connection::Connection;
use super::forwarded::{self, Client};
use super::metrics::{Failure, Sample, Verb};
use super::state::Verdict;

/// What is known of a request beside its context. When it is dropped the request is over: it is counted and logged.
pub(super) struct Exchange {
    pub(super) connection: Arc<Connection>,
    pub(super) client: Client,
    pub(super) failure: Option<Failure>,
    /// Bytes of the answer's body that were handed to the connection.
    pub(super) sent: u64,
    /// Set when the answer is known.
    pub(super) context: Option<Context>,
    begun: Instant,
    verb: Verb,
    version: Version,
    path: Option<PathAndQuery>,
    /// 0 while there is no answer.
    status: u16,
    probe: bool,
}

impl Exchange {
    /// The head of a request is here.
    pub(super) fn begin(
        connection: &Arc<Connection>,
        request: &Request<Incoming>,
        probe: bool,
    ) -> Self {
        let begun = Instant::now();
        let shared = &connection.shared;
        let has_body = !hyper::body::Body::is_end_stream(request.body());
        let now = shared.clock.at(begun);
        connection.progress.begin(now, has_body, &shared.limits);
        let client = if connection.trusted {
            let trust = &shared.trust;
            forwarded::client(
                request.headers(),
                connection.peer,
                &trust.proxies,
                trust.header,
            )
        } else {
            Client {
                address: connection.peer,
                secure: false,
            }
        };
        let verb = Verb::of(request.method());
        shared.metrics.begin(verb, client.secure);
        Self {
            connection: Arc::clone(connection),
            client,
            failure: None,
            sent: 0,
            context: None,
            begun,
            verb,
            version: request.version(),
            path: request.uri().path_and_query().cloned(),
            status: 0,
            probe,
        }
    }

    /// The method, as far as it is known.
    pub(super) fn verb(&self) -> Verb {
        self.verb.handled_as()
    }

    /// The head of the answer is known.
    pub(super) fn answer(&mut self, context: Context, status: StatusCode) {
        self.context = Some(context);
        self.status = status.as_u16();
        self.connection.progress.respond();
    }

    /// The request ends without an answer.
    pub(super) fn abandon(&mut self, context: Option<Context>) {
        self.context = context;
        self.failure = Some(self.broken_off());
    }

    /// Who is to blame when a request ends before its time.
    pub(super) fn broken_off(&self) -> Failure {
        match self.connection.progress.verdict() {
            Verdict::Cancelled => Failure::Cancelled,
            _ => Failure::Disconnected,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let now = Instant::now();
        let shared = &self.connection.shared;
        let progress = &self.connection.progress;
        let context = self.context.take();
        let sample = Sample {
            route: context.as_ref().and_then(Context::route),
            verb: self.verb,
            version: self.version,
            secure: self.client.secure,
            status: self.status,
            failure: self.failure,
            duration: now.saturating_duration_since(self.begun),
            request_bytes: progress.body_bytes(),
            response_bytes: self.sent,
        };
        progress.end(shared.clock.at(now));
        shared.metrics.end(&sample);
        if let (Some(context), true) = (context, shared.access_log && !self.probe) {
            let error = context.error();
            let path = self.path.as_ref().map_or("", PathAndQuery::path);
            let connection = &self.connection;
            if self.client.address == connection.peer {
                within(context, || {
                    access::log(&sample, path, &connection.peer_text, error);
                });
            } else {
                let client = self.client.address.to_string();
                within(context, || access::log(&sample, path, &client, error));
            }
        }
    }
}

/// Runs `f` inside a request's context, outside of the request's future.
pub(super) fn within<R>(context: Context, f: impl FnOnce() -> R) -> (R, Context) {
    let mut scope = pin!(context::scope(context, async move { f() }));
    let mut cx = std::task::Context::from_waker(Waker::noop());
    let Poll::Ready(result) = scope.as_mut().poll(&mut cx) else {
        unreachable!("a future without an await is ready at once");
    };
    let context = scope.take_value();
    (
        result,
        context.expect("the scope is over and its value not taken yet"),
    )
}
