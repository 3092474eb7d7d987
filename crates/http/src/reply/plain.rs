//! Text, and responses made by hand.

use axum::response::{IntoResponse, Response};

use crate::routes::{Operation, Reply};

/// 200, `text/plain; charset=utf-8`.
impl Reply for String {
    const MEDIA: Option<&'static str> = Some("text/plain");

    fn describe(operation: &mut Operation) {
        operation.replies::<Self>(200, "text/plain", "Done.");
    }

    fn respond(self) -> Response {
        self.into_response()
    }
}

/// 200, `text/plain; charset=utf-8`.
impl Reply for &'static str {
    const MEDIA: Option<&'static str> = Some("text/plain");

    fn describe(operation: &mut Operation) {
        operation.replies::<String>(200, "text/plain", "Done.");
    }

    fn respond(self) -> Response {
        self.into_response()
    }
}

/// Anything, undescribed: the document says only that there is an answer.
impl Reply for Response {
    const MEDIA: Option<&'static str> = None;

    fn describe(operation: &mut Operation) {
        operation.replies_empty(200, "Done.");
    }

    fn respond(self) -> Response {
        self
    }
}
