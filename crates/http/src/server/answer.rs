//! Who answers a request: the router, a probe, or the server itself.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, Request, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use hyper::body::Incoming;
use tower::Service;

use super::connection::Connection;
use super::cors::Cors;
use super::metrics::Verb;
use super::request_body::RequestBody;
use crate::ops::Probe;
use crate::problem::Problem;

/// The body limit that axum applies when it is not told otherwise, in bytes.
const AXUM_LIMIT: u64 = 2 * 1024 * 1024;

/// The future of an answer.
#[allow(
    clippy::large_enum_variant,
    reason = "the router's is what nearly every request has; it needs no box"
)]
pub(super) enum Answer {
    /// The router's.
    Route {
        future: RouteFuture<Infallible>,
        /// Until the route is known, which then says how long its handler may take.
        limiter: Option<Limiter>,
    },
    /// A probe's.
    Probe(Pin<Box<dyn Future<Output = Response> + Send>>),
    /// The server's own: no route is asked. `None` once it was given.
    Problem(Option<Box<Problem>>),
    /// To a browser that asks whether it may ask.
    Preflight,
}

/// Gives a request the deadline that its operation has set for itself.
pub(super) struct Limiter {
    connection: Arc<Connection>,
    verb: Verb,
}

impl Limiter {
    fn apply(&self) {
        let overrides = &self.connection.shared.overrides;
        if let Some(limit) = overrides.current(self.verb).and_then(|it| it.handler) {
            self.connection.progress.limit_handler(limit);
        }
    }
}

impl Answer {
    /// Decides who answers.
    pub(super) fn to(
        connection: &Arc<Connection>,
        probe: Option<Probe>,
        request: Request<Incoming>,
    ) -> Self {
        let shared = &connection.shared;
        if let Some(problem) = fault(connection, &request) {
            return Self::Problem(Some(Box::new(problem)));
        }
        if shared.cors.is_some() && Cors::is_preflight(request.method(), request.headers()) {
            return Self::Preflight;
        }
        if let Some(probe) = probe {
            if !matches!(*request.method(), Method::GET | Method::HEAD) {
                let allow = HeaderValue::from_static("GET,HEAD");
                return Self::Problem(Some(Box::new(Problem::method_not_allowed(allow))));
            }
            let ops = Arc::clone(&shared.ops);
            return Self::Probe(Box::pin(ops.answer(probe, request.into_parts().0)));
        }
        let limiter = (!shared.overrides.is_empty()).then(|| Limiter {
            connection: Arc::clone(connection),
            verb: Verb::of(request.method()).handled_as(),
        });
        Self::Route {
            future: shared.router.clone().call(with_body(connection, request)),
            limiter,
        }
    }
}

/// What is wrong with a request before anyone looks at what it wants.
fn fault(connection: &Connection, request: &Request<Incoming>) -> Option<Problem> {
    let limit = connection.shared.limits.uri_bytes;
    if request
        .uri()
        .path_and_query()
        .is_some_and(|it| it.as_str().len() > limit)
    {
        return Some(Problem::uri_too_long(limit as u64));
    }
    // RFC 9112, section 3.2
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => Some(Problem::malformed("the request has more than one `Host`")),
        (None, _) if request.version() == Version::HTTP_11 => {
            Some(Problem::malformed("the request has no `Host`"))
        }
        _ => None,
    }
}

/// Puts the limits around the body.
fn with_body(connection: &Arc<Connection>, request: Request<Incoming>) -> Request<Body> {
    let (mut parts, incoming) = request.into_parts();
    let body = if hyper::body::Body::is_end_stream(&incoming) {
        Body::empty()
    } else {
        let shared = &connection.shared;
        let limit = shared.limits.body_bytes;
        if limit.max(shared.overrides.largest_body()) > AXUM_LIMIT {
            // ours is the one limit; without this word axum would keep to its own
            let mut request = Request::from_parts(parts, ());
            DefaultBodyLimit::disable().apply(&mut request);
            parts = request.into_parts().0;
        }
        let verb = Verb::of(&parts.method).handled_as();
        Body::new(RequestBody::new(Arc::clone(connection), incoming, verb))
    };
    Request::from_parts(parts, body)
}

impl Future for Answer {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        match self.get_mut() {
            Self::Route { future, limiter } => match Pin::new(future).poll(cx) {
                Poll::Ready(Ok(response)) => Poll::Ready(response),
                Poll::Ready(Err(never)) => match never {},
                Poll::Pending => {
                    // the handler runs by now, so the route is known
                    if let Some(limiter) = limiter.take() {
                        limiter.apply();
                    }
                    Poll::Pending
                }
            },
            Self::Probe(future) => future.as_mut().poll(cx),
            Self::Problem(problem) => Poll::Ready(match problem.take() {
                Some(problem) => problem.into_response(),
                None => Problem::internal().into_response(),
            }),
            Self::Preflight => Poll::Ready(StatusCode::NO_CONTENT.into_response()),
        }
    }
}
