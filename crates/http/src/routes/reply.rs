//! What a handler can answer.

use axum::response::{IntoResponse, Response};

use super::Operation;
use crate::problem::Error;

/// The answer of a handler: becomes a response, and is described in the OpenAPI document from its type alone.
///
/// Ready made are [`Json<T>`](crate::Json) (200), [`Created<T>`](crate::Created) (201 and `Location`),
/// [`Accepted<T>`](crate::Accepted) (202), [`NoContent`](crate::NoContent) (204), [`Page<T>`](crate::Page) (200 and
/// `Link`), `String` (200, plain text), `Response` (not described), and `Result` of each of them with an error that
/// becomes an [`Error`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of a handler",
    label = "a handler cannot answer with `{Self}`",
    note = "answer with `Json<T>`, `Created<T>`, `NoContent` or `Page<T>`, or with `Result` of one of them"
)]
pub trait Reply: Send {
    /// The media type of a success, which the client's `Accept` must admit; `None` when there is no body, or any.
    const MEDIA: Option<&'static str>;

    /// Describes the answer in `operation`.
    fn describe(operation: &mut Operation);

    /// The response.
    fn respond(self) -> Response;
}

/// An error that a handler may return: everything that becomes an `atlas_core::Error`, a
/// [`Problem`](crate::Problem), or an [`Error`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a handler failed",
    label = "`{Self}` has no kind, so it has no status",
    note = "return `atlas_http::Result<T>`, and say what kind of failure it is where it happens: `Error::not_found(code, message)`",
    note = "or say it for all of them: `impl From<{Self}> for atlas_core::Error`"
)]
pub trait Failure: Send {
    /// The error as the client and the log are told it.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error> + Send> Failure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

impl<T: Reply, E: Failure> Reply for Result<T, E> {
    const MEDIA: Option<&'static str> = T::MEDIA;

    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }

    fn respond(self) -> Response {
        match self {
            Ok(reply) => reply.respond(),
            Err(error) => error.into_error().into_response(),
        }
    }
}
