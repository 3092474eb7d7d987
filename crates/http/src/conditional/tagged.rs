//! Answers that say which version they show.

use axum::http::{HeaderValue, Method, header};
use axum::response::Response;

use crate::routes::{Operation, Reply};

/// An answer with the version that it shows, as a strong `ETag`: `Tagged::new(tea.version, Json(tea))`.
///
/// A `GET` by a client that has this version already (`If-None-Match`) is answered with 304 and without the body. The same
/// version must mean the same bytes, so whatever the body depends on besides the row belongs into the version too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged<R> {
    version: i64,
    reply: R,
}

impl<R> Tagged<R> {
    /// This answer, which shows this version.
    pub fn new(version: impl Into<i64>, reply: R) -> Self {
        Self {
            version: version.into(),
            reply,
        }
    }
}

impl<R: Reply> Reply for Tagged<R> {
    const MEDIA: Option<&'static str> = R::MEDIA;

    fn describe(operation: &mut Operation) {
        R::describe(operation);
        operation.reply_header(
            "ETag",
            "The version that is shown; send it as `If-Match` when you change it (RFC 9110).",
        );
        if operation.method() == Method::GET {
            operation.replies_empty(304, "It is what `If-None-Match` says you have.");
        }
    }

    fn respond(self) -> Response {
        let mut response = self.reply.respond();
        if response.status().is_success()
            && let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.version))
        {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
