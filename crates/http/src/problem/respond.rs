//! From a problem to the response that carries it.

use atlas_telemetry::context;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::ser::SerializeMap;

use super::Problem;

/// The media type of a problem (RFC 9457).
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Sends the problem, and notes its code in the request's context for the access log and the metrics.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        context::current(|context| context.set_error(self.code()));
        let body = serde_json::to_vec(&self).expect("a problem holds strings and numbers only");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        *response.headers_mut() = self.into_headers();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response
    }
}

/// Adds `instance`, `request_id` and `trace_id` when a request is being served.
pub(super) fn ids<M: SerializeMap>(map: &mut M) -> Result<(), M::Error> {
    context::current(|context| {
        let id = context.request_id().as_str();
        map.serialize_entry("instance", &format_args!("urn:request:{id}"))?;
        map.serialize_entry("request_id", id)?;
        map.serialize_entry("trace_id", &format_args!("{}", context.trace_id()))
    })
    .unwrap_or(Ok(()))
}
