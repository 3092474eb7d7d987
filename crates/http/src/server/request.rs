//! One request, from its head to the head of its answer.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use atlas_core::scope::{self, Scoped};
use atlas_telemetry::context::{self, RequestId, Scope, TraceParent};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use pin_project_lite::pin_project;

use super::answer::Answer;
use super::connection::Connection;
use super::drain::Stage;
use super::exchange::{Exchange, within};
use super::headers::{X_REQUEST_ID, harden};
use super::metrics::Failure;
use super::response_body::ResponseBody;
use super::state::{BodyState, Verdict};
use crate::problem::Problem;

/// When to try again after the server gave up on a request.
const RETRY_AFTER: Duration = Duration::from_secs(1);

pin_project! {
    /// The future of one request: everything that Atlas does around the router, in one place and without a box.
    pub(super) struct RequestFuture {
        #[pin]
        scope: Scope<Scoped<Answer>>,
        // `None` once the answer is given
        exchange: Option<Exchange>,
        origin: Option<HeaderValue>,
        preflight: bool,
    }

    impl PinnedDrop for RequestFuture {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(mut exchange) = this.exchange.take() {
                exchange.abandon(this.scope.take_value());
            }
        }
    }
}

impl RequestFuture {
    /// Takes a request in: gives it its identity and decides who answers it.
    pub(super) fn begin(connection: &Arc<Connection>, request: Request<Incoming>) -> Self {
        let context = identify(connection, request.headers());
        let probe = connection.shared.ops.probe(request.uri().path());
        if let Some(probe) = probe {
            context.set_route(connection.shared.ops.route(probe));
        }
        let exchange = Exchange::begin(connection, &request, probe.is_some());
        let origin = match connection.shared.cors {
            Some(_) => request.headers().get(header::ORIGIN).cloned(),
            None => None,
        };
        let answer = Answer::to(connection, probe, request);
        Self {
            origin,
            preflight: matches!(answer, Answer::Preflight),
            scope: context::scope(context, scope::enter(answer)),
            exchange: Some(exchange),
        }
    }
}

/// The identity of a request: its caller's, where the caller is to be believed.
fn identify(connection: &Connection, headers: &HeaderMap) -> context::Context {
    let id = if connection.trusted {
        let sent = headers.get(X_REQUEST_ID);
        sent.and_then(|it| RequestId::accept(it.as_bytes()))
    } else {
        None
    };
    let id = id.unwrap_or_else(RequestId::generate);
    if !connection.shared.trust.continues_trace(connection.trusted) {
        return context::Context::root(id);
    }
    let mut parents = headers.get_all(TRACEPARENT).iter();
    match (parents.next(), parents.next()) {
        (Some(parent), None) => match TraceParent::parse(parent.as_bytes()) {
            Some(parent) => context::Context::continued(id, parent),
            None => context::Context::root(id),
        },
        _ => context::Context::root(id),
    }
}

const TRACEPARENT: &str = "traceparent";

impl Future for RequestFuture {
    type Output = Result<Response<ResponseBody>, std::convert::Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let exchange = this
            .exchange
            .as_mut()
            .expect("hyper does not poll a future that has ended");
        let progress = &exchange.connection.progress;

        let outcome = match progress.verdict() {
            Verdict::None => {
                match catch_unwind(AssertUnwindSafe(|| this.scope.as_mut().poll(cx))) {
                    Ok(Poll::Pending) => return Poll::Pending,
                    Ok(Poll::Ready(response)) => Ok(response),
                    Err(_) => Err(Ended::Panic),
                }
            }
            Verdict::Handler => Err(Ended::HandlerTimeout),
            Verdict::Body => Err(Ended::BodyTimeout),
            Verdict::Cancelled => Err(Ended::Cancelled),
        };
        let too_large = progress.body() == BodyState::TooLarge;
        let context = this.scope.as_mut().take_value();
        let context = context.expect("the context is taken once, when the answer is known");

        let (mut response, context) = match outcome {
            Ok(response) if too_large && hides_size(&response) => {
                let overrides = &exchange.connection.shared.overrides;
                within(context, || {
                    let own = overrides.current(exchange.verb()).and_then(|it| it.body);
                    let limit = own.unwrap_or(exchange.connection.shared.limits.body_bytes);
                    Problem::too_large(limit).into_response()
                })
            }
            Ok(response) => (response, context),
            Err(ended) => {
                exchange.failure = ended.failure();
                within(context, || ended.answer(exchange))
            }
        };

        let shared = &exchange.connection.shared;
        let status = response.status();
        let headers = response.headers_mut();
        harden(
            status,
            headers,
            exchange.client.secure,
            shared.cors.is_some(),
        );
        let id = context.request_id().as_bytes();
        let id = HeaderValue::from_bytes(id).expect("an identifier is visible ASCII");
        headers.insert(X_REQUEST_ID, id);
        if let Some(cors) = &shared.cors {
            cors.apply(this.origin.as_ref(), *this.preflight, headers);
        }
        if shared.drain.stage() > Stage::Serving {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }

        let mut exchange = this
            .exchange
            .take()
            .expect("it was there at the top of this function");
        exchange.answer(context, status);
        Poll::Ready(Ok(response.map(|body| ResponseBody::new(body, exchange))))
    }
}

/// Whether an answer to a body that was cut off at the limit says something else than that.
fn hides_size(response: &Response<axum::body::Body>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && status != StatusCode::PAYLOAD_TOO_LARGE
}

/// Why a request ends without an answer of its handler.
enum Ended {
    Panic,
    HandlerTimeout,
    BodyTimeout,
    Cancelled,
}

impl Ended {
    fn failure(&self) -> Option<Failure> {
        Some(match self {
            Self::Panic => Failure::Panic,
            Self::HandlerTimeout | Self::BodyTimeout => Failure::Timeout,
            Self::Cancelled => Failure::Cancelled,
        })
    }

    /// Says what happened: all of it to the log, what concerns the client to the client.
    fn answer(self, exchange: &Exchange) -> axum::response::Response {
        let shared = &exchange.connection.shared;
        match self {
            Self::Panic => {
                // the panic hook has logged it, with the request's identifiers
                shared.metrics.panics.fetch_add(1, Relaxed);
                Problem::internal().into_response()
            }
            Self::HandlerTimeout => {
                let limit = exchange.connection.progress.handler_limit();
                tracing::warn!(target: "atlas::http", ?limit, "a handler took too long and was dropped");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "handler_timeout",
                    "Service unavailable",
                )
                .detail("the answer was not ready in time; it is not known whether the request has taken effect")
                .header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER.as_secs()))
                .into_response()
            }
            Self::BodyTimeout => Problem::request_timeout().into_response(),
            Self::Cancelled => Problem::unavailable(RETRY_AFTER).into_response(),
        }
    }
}
