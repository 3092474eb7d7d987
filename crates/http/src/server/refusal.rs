//! Answers to what never became a request: written as bytes, with all that every other answer carries.

use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use atlas_telemetry::context::{Context, RequestId};
use axum::http::{HeaderMap, HeaderValue, Version, header};
use bytes::Bytes;
use http::StatusCode;

use super::access;
use super::connection::Connection;
use super::exchange::within;
use super::headers::{X_REQUEST_ID, harden};
use super::metrics::{Sample, Verb};
use crate::problem::Problem;

/// The whole answer with this status, the last one on its connection. It is counted and logged as a request is.
pub(super) fn render(connection: &Connection, status: StatusCode) -> Bytes {
    let begun = Instant::now();
    let shared = &connection.shared;
    let limits = &shared.limits;
    let problem = match status {
        // hyper cannot tell an endless address from endless headers
        _ if connection.progress.line_length() > limits.uri_bytes as u64 => {
            Problem::uri_too_long(limits.uri_bytes as u64)
        }
        StatusCode::REQUEST_TIMEOUT => Problem::request_timeout(),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Problem::headers_too_large(),
        StatusCode::URI_TOO_LONG => Problem::uri_too_long(limits.uri_bytes as u64),
        StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable(Duration::from_secs(1)),
        _ => Problem::malformed("this is not an HTTP/1.1 request"),
    };
    let code = problem.code();
    let status = problem.status();

    let context = Context::root(RequestId::generate());
    context.set_error(code);
    let (bytes, context) = within(context, || assemble(&problem));
    let sample = Sample {
        route: None,
        verb: Verb::OTHER,
        version: Version::HTTP_11,
        secure: false,
        status: status.as_u16(),
        failure: None,
        duration: begun.elapsed(),
        request_bytes: 0,
        response_bytes: bytes.body as u64,
    };
    shared.metrics.refused(&sample);
    if shared.access_log {
        within(context, || {
            access::log(&sample, "", &connection.peer_text, Some(code));
        });
    }
    bytes.all.into()
}

struct Assembled {
    all: Vec<u8>,
    /// How many of them are the body.
    body: usize,
}

fn assemble(problem: &Problem) -> Assembled {
    let body = serde_json::to_vec(problem).expect("a problem holds strings and numbers only");
    let status = problem.status();
    let mut headers: HeaderMap = problem.headers().clone();
    let id = atlas_telemetry::context::current(|context| context.request_id().clone());
    if let Some(Ok(id)) = id.map(|id| HeaderValue::from_bytes(id.as_bytes())) {
        headers.insert(X_REQUEST_ID, id);
    }
    let media_type = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let date = httpdate::fmt_http_date(SystemTime::now());
    if let Ok(date) = HeaderValue::from_str(&date) {
        headers.insert(header::DATE, date);
    }
    harden(status, &mut headers, false, false);

    let mut all = Vec::with_capacity(1024);
    let reason = status.canonical_reason().unwrap_or_default();
    // writing into a `Vec` does not fail
    let _ = write!(all, "HTTP/1.1 {} {reason}\r\n", status.as_u16());
    for (name, value) in &headers {
        all.extend_from_slice(name.as_str().as_bytes());
        all.extend_from_slice(b": ");
        all.extend_from_slice(value.as_bytes());
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"\r\n");
    all.extend_from_slice(&body);
    Assembled {
        body: body.len(),
        all,
    }
}
