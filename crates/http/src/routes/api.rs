//! The whole API of a service.

use std::fmt;
use std::sync::{Arc, OnceLock};

use atlas_core::Component;
use atlas_telemetry::Service;
use axum::Router;
use bytes::Bytes;
use serde_json::Value;

use super::{ApiErrors, Operation, Routes, assemble};
use crate::openapi;
use crate::page::CursorKey;

/// All routes of a service, checked and put together, with the document that describes them.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    router: Router,
    operations: Vec<Operation>,
    info: ApiInfo,
    document: OnceLock<Bytes>,
}

impl Component for Api {}

/// What the OpenAPI document says about the service as a whole, and what its cursors are sealed with.
///
/// ```
/// use atlas_http::ApiInfo;
///
/// let info = ApiInfo::new("shop", env!("CARGO_PKG_VERSION")).description("What the shop sells.");
/// ```
#[derive(Clone, Debug)]
pub struct ApiInfo {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    cursors: CursorKey,
}

impl Component for ApiInfo {}

impl ApiInfo {
    /// The API's name, and its version (of the API, not of the service behind it, if they differ).
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            version: version.into(),
            description: None,
            cursors: CursorKey::default(),
        }
    }

    /// The name and the version of the service, as far as they are known.
    pub(crate) fn of(services: &[Service]) -> Self {
        let service = services
            .iter()
            .find(|it| it.version().is_some())
            .or(services.first());
        match service {
            Some(service) => Self::new(service.name(), service.version().unwrap_or("0.0.0")),
            None => Self::default(),
        }
    }

    /// What the API is for (CommonMark).
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The secret that cursors of lists are sealed with, the same for all instances of the service; `http.cursor_secret`
    /// of the configuration is stronger. Without either a fixed one is used, so that a cursor is safe from accidents but
    /// not from a reader of this source.
    #[must_use]
    pub fn cursor_secret(mut self, secret: &[u8]) -> Self {
        self.cursors = CursorKey::new(secret);
        self
    }
}

impl Default for ApiInfo {
    fn default() -> Self {
        Self::new("API", "0.0.0")
    }
}

impl Api {
    /// Puts the routes together; without `info` the document says `API` and `0.0.0`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the routes: paths that cannot be told apart, a method that is answered twice,
    /// parameters that are not in the path.
    pub fn new(routes: Vec<Routes>, info: Option<ApiInfo>) -> Result<Self, ApiErrors> {
        let info = info.unwrap_or_default();
        let assembled = assemble(routes, info.cursors)?;
        Ok(Self(Arc::new(Inner {
            router: assembled.router,
            operations: assembled.operations,
            info,
            document: OnceLock::new(),
        })))
    }

    /// The routes, with problems for every other path (404) and method (405), and the pages that problems lead to.
    pub fn router(&self) -> Router {
        self.0.router.clone().merge(openapi::problem_pages())
    }

    /// The document at `/openapi.json`, and the page that shows it at `/docs`.
    ///
    /// To be merged with [`router`](Self::router) where the documentation is to be served.
    pub fn docs(&self) -> Router {
        openapi::docs(self.clone())
    }

    /// The operations, by path in the order in which they were added.
    pub fn operations(&self) -> &[Operation] {
        &self.0.operations
    }

    /// Whether it has lists with cursors, and no secret to seal them with.
    pub(crate) fn has_open_cursors(&self) -> bool {
        let pages = |it: &Operation| it.paging.as_ref().is_some_and(|it| it["type"] == "cursor");
        self.0.info.cursors == CursorKey::default() && self.operations().iter().any(pages)
    }

    /// The OpenAPI 3.1 document.
    pub fn openapi(&self) -> Value {
        openapi::document(&self.0.info, &self.0.operations)
    }

    /// The document as it is served: JSON with two spaces of indentation and a newline at the end, made once.
    pub fn openapi_json(&self) -> Bytes {
        let json = || Bytes::from(openapi::to_text(&self.openapi()));
        self.0.document.get_or_init(json).clone()
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("operations", &self.0.operations.len())
            .finish_non_exhaustive()
    }
}
