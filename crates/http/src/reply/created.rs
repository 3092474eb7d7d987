//! Something new, and something to come.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::extract::{Output, json_response};
use crate::problem::Error;
use crate::routes::{Operation, Reply};

/// 201: something was created. Says where (`Location`) and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created<T> {
    location: String,
    body: T,
}

impl<T> Created<T> {
    /// What was created, and its address: `/products/42`.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self {
            location: location.into(),
            body,
        }
    }
}

impl<T: Output> Reply for Created<T> {
    const MEDIA: Option<&'static str> = Some("application/json");

    fn describe(operation: &mut Operation) {
        operation.replies::<T>(201, "application/json", "Created.");
        operation.reply_header("Location", "The address of what was created.");
    }

    fn respond(self) -> Response {
        located(StatusCode::CREATED, &self.location, &self.body)
    }
}

/// 202: something will be done. Says where its progress can be seen (`Location`), and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<T> {
    location: String,
    body: T,
}

impl<T> Accepted<T> {
    /// How far it is, and the address where that can be seen.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self {
            location: location.into(),
            body,
        }
    }
}

impl<T: Output> Reply for Accepted<T> {
    const MEDIA: Option<&'static str> = Some("application/json");

    fn describe(operation: &mut Operation) {
        operation.replies::<T>(202, "application/json", "Accepted, to be done later.");
        operation.reply_header("Location", "The address where the progress can be seen.");
    }

    fn respond(self) -> Response {
        located(StatusCode::ACCEPTED, &self.location, &self.body)
    }
}

fn located<T: Output>(status: StatusCode, location: &str, body: &T) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        let error = format!("`{location}` cannot be sent as `Location`; percent-encode it");
        return Error::from(atlas_core::Error::internal(error)).into_response();
    };
    let mut response = json_response(status, body);
    response.headers_mut().insert(header::LOCATION, location);
    response
}
