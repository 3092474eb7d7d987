//! Answers where no handler is: 404 and 405, and the matched route of raw routers.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use atlas_telemetry::context::{self, Route};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use crate::problem::Problem;

/// 404 for a path that no route has.
pub(super) async fn not_found() -> Response {
    Problem::route_not_found().into_response()
}

/// 405 for a method that the path does not know.
pub(super) fn method_not_allowed(
    route: Route,
    allow: HeaderValue,
) -> impl FnOnce() -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
{
    move || {
        Box::pin(async move {
            context::current(|context| context.set_route(route));
            Problem::method_not_allowed(allow).into_response()
        })
    }
}

/// 405 in a router of axum's, which adds `Allow` itself.
pub(crate) async fn method_not_allowed_there() -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    Problem::new(status, "method_not_allowed", "Method not allowed")
        .detail("this address does not know the method; `Allow` lists those that it knows")
        .into_response()
}

/// The value of `Allow` for a path with these methods: `GET` brings `HEAD`.
pub(super) fn allow<'a>(methods: impl Iterator<Item = &'a Method>) -> HeaderValue {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if method == Method::GET {
            names.push("HEAD");
        }
    }
    HeaderValue::from_str(&names.join(", ")).expect("methods are tokens")
}

/// Notes the matched route of a raw axum router.
#[derive(Clone, Copy)]
pub(super) struct NoteRoute;

impl<S> Layer<S> for NoteRoute {
    type Service = NoteRouteService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        NoteRouteService { inner }
    }
}

#[derive(Clone)]
pub(super) struct NoteRouteService<S> {
    inner: S,
}

impl<S: Service<Request>> Service<Request> for NoteRouteService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if let Some(path) = request.extensions().get::<MatchedPath>() {
            context::current(|context| context.set_route(known(path.as_str())));
        }
        self.inner.call(request)
    }
}

thread_local! {
    /// The routes of raw routers that this thread has met.
    static MET: RefCell<Vec<Route>> = const { RefCell::new(Vec::new()) };
}

/// The route of a template. Interning takes a lock, so each thread does it once for each route.
fn known(template: &str) -> Route {
    MET.with_borrow_mut(|met| {
        let found = met.iter().find(|route| route.template() == template);
        found.copied().unwrap_or_else(|| {
            let route = Route::intern(template);
            met.push(route);
            route
        })
    })
}
