//! The problem itself: what is said, before it becomes a response.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Fault, ProblemKind};

/// One failed request, described for the client (RFC 9457, `application/problem+json`).
///
/// As JSON: `type` (address of the page about this kind of problem), `title`, `status`, `detail`, `instance`, and the
/// extensions `code` (stable, for programs), `request_id` and `trace_id` (for the support), `errors` (every fault of the
/// input, each with its place).
///
/// Nothing of the inside belongs in here: a problem is sent as it is. Errors with a cause go through [`Error`], which
/// keeps the cause for the log.
///
/// [`Error`]: super::Error
#[derive(Clone, Debug)]
#[must_use = "a problem is sent by returning it"]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: Cow<'static, str>,
    detail: Option<Cow<'static, str>>,
    faults: Vec<Fault>,
    headers: HeaderMap,
}

impl Problem {
    /// The most faults that one problem lists: a body of a million mistakes does not get a million answers.
    pub const MOST_FAULTS: usize = 100;

    /// A problem with this status, a stable code in `snake_case` and a short title that does not vary.
    ///
    /// `type` follows from the code when it is one of the [`kinds`](super::kinds), else from the status.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            detail: None,
            faults: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Says what happened to this very request, in a sentence for the client's developer.
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a fault of the input.
    pub fn fault(self, fault: Fault) -> Self {
        self.faults([fault])
    }

    /// Adds faults of the input, up to [`MOST_FAULTS`](Self::MOST_FAULTS).
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        let room = Self::MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
        self
    }

    /// Puts these faults in place of those before.
    pub(super) fn with_faults(mut self, mut faults: Vec<Fault>) -> Self {
        if self.faults.len() != faults.len() {
            self.detail = Some(super::ready::count(faults.len()).into());
        }
        faults.truncate(Self::MOST_FAULTS);
        self.faults = faults;
        self
    }

    /// Sets a header of the response: `Allow`, `Retry-After`, `WWW-Authenticate`.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The title: the same for every problem of this code.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What happened to this very request, if it is said.
    pub fn detail_text(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The faults of the input.
    pub fn list(&self) -> &[Fault] {
        &self.faults
    }

    /// The headers that the response carries beside its content type.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, for the response.
    pub(super) fn into_headers(self) -> HeaderMap {
        self.headers
    }

    /// The page about this kind of problem: a relative reference with its full path, or `about:blank`.
    pub fn type_uri(&self) -> Cow<'static, str> {
        let kind = ProblemKind::of_code(self.code).or_else(|| ProblemKind::of_status(self.status));
        match kind {
            Some(kind) => Cow::Owned(format!("/docs/problems/{}", kind.slug)),
            None => Cow::Borrowed("about:blank"),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.type_uri())?;
        map.serialize_entry("title", &self.title)?;
        map.serialize_entry("status", &self.status.as_u16())?;
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        map.serialize_entry("code", self.code)?;
        super::respond::ids(&mut map)?;
        if !self.faults.is_empty() {
            map.serialize_entry("errors", &self.faults)?;
        }
        map.end()
    }
}
