//! Nothing.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::routes::{Operation, Reply};

/// 204: done, and nothing to say about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl Reply for NoContent {
    const MEDIA: Option<&'static str> = None;

    fn describe(operation: &mut Operation) {
        operation.replies_empty(204, "Done; there is nothing to say about it.");
    }

    fn respond(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
