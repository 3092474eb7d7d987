//! What came back, and what a test says about it.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::subset;

/// An answer of the app, read to its end.
///
/// Its checks return the response again, so that they chain; one that does not hold fails the test with the request, the
/// status and the body.
#[derive(Clone, Debug)]
pub struct Response {
    request: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Response {
    pub(crate) fn new(
        request: String,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self {
            request,
            status,
            headers,
            body,
        }
    }

    /// Checks for `200 OK`.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.status(200)
    }

    /// Checks for `201 Created`.
    #[track_caller]
    pub fn created(self) -> Self {
        self.status(201)
    }

    /// Checks for `204 No Content` and that there is none.
    #[track_caller]
    pub fn no_content(self) -> Self {
        let it = self.status(204);
        if !it.body.is_empty() {
            it.fail("expected no content");
        }
        it
    }

    /// Checks the status.
    #[track_caller]
    pub fn status(self, expected: u16) -> Self {
        if self.status.as_u16() != expected {
            self.fail(&format!("expected status {expected}"));
        }
        self
    }

    /// Checks that this is a problem (RFC 9457) with this code and its own status in the body.
    #[track_caller]
    pub fn problem(self, code: &str) -> Self {
        let media_type = self.find(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        if media_type != "application/problem+json" {
            self.fail(&format!(
                "expected a problem `{code}`, but the media type is `{media_type}`"
            ));
        }
        let body = self.value();
        if body["code"] != code {
            self.fail(&format!("expected a problem `{code}`"));
        }
        if body["status"] != self.status.as_u16() {
            self.fail("expected the problem to name its status");
        }
        self
    }

    /// Checks that a problem complains about this place: of the body by a JSON Pointer (RFC 6901) such as `/price/units`, of
    /// path and query by the parameter's name.
    #[track_caller]
    pub fn violation(self, place: &str, code: &str) -> Self {
        let body = self.value();
        let at_place = |error: &Value| error["pointer"] == place || error["parameter"] == place;
        let found = body["errors"].as_array().is_some_and(|errors| {
            errors
                .iter()
                .any(|error| at_place(error) && error["code"] == code)
        });
        if !found {
            self.fail(&format!("expected a violation `{code}` at `{place}`"));
        }
        self
    }

    /// Checks that the body holds at least this: objects may have more members, arrays must have the same length.
    #[track_caller]
    pub fn matches(self, expected: Value) -> Self {
        let differences = subset::differences(&expected, &self.value());
        if !differences.is_empty() {
            self.fail(&format!("the body differs\n{}", differences.trim_end()));
        }
        self
    }

    /// Reads the body as JSON.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => self.fail(&format!(
                "the body is no `{}`: {error}",
                std::any::type_name::<T>()
            )),
        }
    }

    /// Reads the body as a JSON value of any shape.
    #[track_caller]
    pub fn value(&self) -> Value {
        self.json()
    }

    /// The member `id` of the body, as text.
    #[track_caller]
    pub fn id(&self) -> String {
        match &self.value()["id"] {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => self.fail("expected a member `id`"),
        }
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(&self.body) {
            Ok(text) => text,
            Err(_) => self.fail("expected text"),
        }
    }

    /// The body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        match self.find(name) {
            Some(value) => value,
            None => self.fail(&format!("expected a header `{name}`")),
        }
    }

    /// A header that may be there; `None` also when it is no text.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The status.
    pub fn code(&self) -> StatusCode {
        self.status
    }

    #[track_caller]
    #[allow(clippy::panic, reason = "a check that does not hold fails the test")]
    fn fail(&self, what: &str) -> ! {
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => format!("{value:#}"),
            Err(_) => String::from_utf8_lossy(&self.body).into_owned(),
        };
        panic!(
            "{what}\n  request: {}\n  answer: {}\n{body}",
            self.request, self.status
        )
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use serde_json::json;

    use super::*;

    fn response(status: u16, media_type: &'static str, body: &Value) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static(media_type),
        );
        let status = StatusCode::from_u16(status).unwrap();
        let request = "GET /products/7".to_owned();
        Response::new(request, status, headers, body.to_string().into())
    }

    fn said(check: impl FnOnce()) -> String {
        let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("the check must fail");
        panic.downcast_ref::<String>().unwrap().clone()
    }

    #[test]
    fn checks_that_hold_chain() {
        let it = response(200, "application/json", &json!({ "id": 7, "name": "tea" }));
        let it = it.ok().matches(json!({ "name": "tea" }));
        assert_eq!(it.id(), "7");
        assert_eq!(it.header("content-type"), "application/json");
        let problem = json!({
            "code": "invalid", "status": 422,
            "errors": [
                { "pointer": "/name", "code": "required", "message": "is required" },
                { "parameter": "limit", "code": "maximum", "message": "must be at most 100" },
            ],
        });
        response(422, "application/problem+json", &problem)
            .status(422)
            .problem("invalid")
            .violation("/name", "required")
            .violation("limit", "maximum");
    }

    #[test]
    fn a_check_that_fails_shows_request_answer_and_body() {
        let it = response(404, "application/json", &json!({ "id": 7 }));
        let text = said(|| drop(it.clone().ok()));
        let expected = "expected status 200\n  request: GET /products/7\n  answer: 404 Not Found\n{\n  \"id\": 7\n}";
        assert_eq!(text, expected);
        let text = said(|| drop(it.clone().matches(json!({ "id": 8 }))));
        assert!(
            text.starts_with("the body differs\n/id: expected 8, found 7\n"),
            "{text}"
        );
        let text = said(|| drop(it.clone().problem("not_found")));
        assert!(
            text.starts_with(
                "expected a problem `not_found`, but the media type is `application/json`"
            ),
            "{text}"
        );
        let text = said(|| drop(it.clone().no_content()));
        assert!(text.starts_with("expected status 204"), "{text}");
        let text = said(|| drop(it.json::<Vec<u8>>()));
        assert!(
            text.starts_with("the body is no `alloc::vec::Vec<u8>`"),
            "{text}"
        );
    }

    #[test]
    fn a_problem_with_another_code_or_status_fails() {
        let body = json!({ "code": "conflict", "status": 404 });
        let it = response(409, "application/problem+json", &body);
        assert!(
            said(|| drop(it.clone().problem("not_found")))
                .starts_with("expected a problem `not_found`")
        );
        assert!(
            said(|| drop(it.clone().problem("conflict")))
                .starts_with("expected the problem to name its status")
        );
        assert!(
            said(|| drop(it.violation("/a", "type")))
                .starts_with("expected a violation `type` at `/a`")
        );
    }
}
