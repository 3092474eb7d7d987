//! What the client has already.

use axum::body::Body;
use axum::http::{Method, StatusCode, header, request::Parts};
use axum::response::Response;

use super::tags::Tags;

/// The versions that a reader has already.
#[derive(Debug)]
pub(crate) struct Known(Tags);

impl Known {
    /// What `If-None-Match` of a request that reads says. A header that cannot be read says nothing: the worst that comes
    /// of it is an answer in full.
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        if !parts.headers.contains_key(header::IF_NONE_MATCH)
            || (parts.method != Method::GET && parts.method != Method::HEAD)
        {
            return None;
        }
        let tags = Tags::read(&parts.headers, &header::IF_NONE_MATCH);
        tags.ok().flatten().map(Self)
    }

    /// 304 when the answer shows what the client has; headers stay, the body goes.
    pub(crate) fn spare(&self, mut response: Response) -> Response {
        if response.status() != StatusCode::OK || !self.holds(&response) {
            return response;
        }
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
        response
    }

    /// The weak comparison: a reader does not mind how equal the two are.
    fn holds(&self, response: &Response) -> bool {
        let tag = response.headers().get(header::ETAG);
        let Some(tag) = tag.and_then(|it| it.to_str().ok()) else {
            return false;
        };
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        match &self.0 {
            Tags::Any => true,
            Tags::List(list) => list.iter().any(|it| it.opaque == tag),
        }
    }
}
