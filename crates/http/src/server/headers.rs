//! The headers that every answer carries, errors included.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// The request's identifier, in and out.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// An API answers with data. A page that is served on purpose, such as the API's documentation, sends its own policy.
const NOTHING_LOADS: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is missing; a handler that sets one of these itself has its reasons.
///
/// An answer that only says "not modified" leaves the caching of the whole answer as it was.
///
/// `secure`: the client came over TLS, so it may be told to do so for the next year. `cross_origin`: pages of other
/// origins are let in by the CORS rules, so the browser must not keep the answer from them.
pub(super) fn harden(
    status: StatusCode,
    headers: &mut HeaderMap,
    secure: bool,
    cross_origin: bool,
) {
    // with these six, the request's identifier and `Connection`
    headers.reserve(8);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    let resource_policy = if cross_origin {
        CROSS_ORIGIN
    } else {
        SAME_ORIGIN
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, NOTHING_LOADS),
        (header::REFERRER_POLICY, NO_REFERRER),
        (CROSS_ORIGIN_RESOURCE_POLICY, resource_policy),
    ] {
        headers.entry(name).or_insert(value);
    }
    if status != StatusCode::NOT_MODIFIED {
        headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    }
    if secure {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(ONE_YEAR);
    }
}
