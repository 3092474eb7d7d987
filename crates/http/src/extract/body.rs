//! Reading a body.

use axum::http::header;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::problem::{Problem, Result};
use crate::routes::Incoming;
use crate::server::BodyError;

/// Reads the whole body; its limit and its deadline are the server's.
pub(super) async fn read(request: &mut Incoming<'_>) -> Result<Bytes> {
    let packed = request.parts.headers.get_all(header::CONTENT_ENCODING);
    if packed
        .iter()
        .any(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Problem::unsupported_content_encoding().into());
    }
    match request.take_body().collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(problem(&error).into()),
    }
}

/// What to tell about a body that did not come to its end.
fn problem(error: &(dyn std::error::Error + 'static)) -> Problem {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref() {
            Some(BodyError::TooLarge { limit }) => return Problem::too_large(*limit),
            Some(BodyError::TimedOut) => return Problem::request_timeout(),
            Some(BodyError::Broken(_)) => break,
            None => next = error.source(),
        }
    }
    Problem::malformed("the body did not arrive completely")
}
