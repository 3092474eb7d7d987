//! The documentation as it is served: the document, a page that shows it, a page for each kind of problem.
//!
//! The page is ours and small: HTML, one stylesheet, one script, all from this origin, so that it works without a
//! network and under a policy that lets nothing else in.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::problem::{Problem, ProblemKind};
use crate::routes::{Api, method_not_allowed_there};

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/docs.css");
const SCRIPT: &str = include_str!("docs/docs.js");
const PROBLEM: &str = include_str!("docs/problem.html");

/// What the page may load: its own files, and the document.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The pages that the `type` of a problem leads to; they say nothing about the service, and are always served.
pub(crate) fn problem_pages() -> Router {
    Router::new()
        .route("/docs/problems/{kind}", get(problem))
        .route(
            "/docs/docs.css",
            get(async || asset("text/css; charset=utf-8", STYLE.into())),
        )
        .method_not_allowed_fallback(method_not_allowed_there)
}

/// The routes of the documentation.
pub(crate) fn docs(api: Api) -> Router {
    let document = move || {
        let json = api.openapi_json();
        async move { asset("application/json", json) }
    };
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(async || page(PAGE.into())))
        .route(
            "/docs/docs.js",
            get(async || asset("text/javascript; charset=utf-8", SCRIPT.into())),
        )
        .method_not_allowed_fallback(method_not_allowed_there)
}

async fn problem(Path(slug): Path<String>) -> Response {
    let Some(kind) = ProblemKind::of_code(&slug) else {
        return Problem::not_found("problem_not_found", "there is no problem of this kind")
            .into_response();
    };
    // all of these are ours, and none holds a character that HTML knows
    let html = PROBLEM
        .replace("{slug}", kind.slug)
        .replace("{status}", &kind.status.to_string())
        .replace("{title}", kind.title)
        .replace("{meaning}", kind.meaning)
        .replace("{remedy}", kind.remedy);
    page(html.into())
}

fn page(html: Bytes) -> Response {
    asset("text/html; charset=utf-8", html)
}

fn asset(media: &'static str, content: Bytes) -> Response {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let policy = HeaderValue::from_static(POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
