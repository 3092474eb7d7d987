//! The `Link` header (RFC 8288).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use serde::Serialize;

use crate::extract::json_response;

/// A page as an answer, with its links in the header.
pub(super) fn respond(page: &impl Serialize, links: Option<HeaderValue>) -> Response {
    let mut response = json_response(StatusCode::OK, page);
    if let Some(links) = links {
        response.headers_mut().insert(header::LINK, links);
    }
    response
}

/// Links from one page of a list to others.
#[derive(Debug)]
pub(super) struct Links<'a> {
    uri: &'a Uri,
    text: String,
}

impl<'a> Links<'a> {
    pub(super) fn new(uri: &'a Uri) -> Self {
        Self {
            uri,
            text: String::new(),
        }
    }

    /// Adds a link to the same address with one parameter set, or taken away.
    pub(super) fn add(&mut self, relation: &str, parameter: &str, value: Option<&str>) {
        let query = self.uri.query().unwrap_or_default();
        let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != parameter);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        if let Some(value) = value {
            query.append_pair(parameter, value);
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let path: Cow<'_, str> = self.uri.path().into();
        if !self.text.is_empty() {
            self.text.push_str(", ");
        }
        self.text
            .push_str(&format!("<{path}{mark}{query}>; rel=\"{relation}\""));
    }

    pub(super) fn finish(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.text).ok()
    }
}
