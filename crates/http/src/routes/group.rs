//! Routes that belong together.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use atlas_core::Component;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route};
use tower::{Layer, Service};

use super::{ApiErrors, Methods, Operation, assemble};
use crate::page::CursorKey;

/// Routes under one prefix, made by a constructor from the service that they use, and contributed to the server.
///
/// ```
/// use atlas_http::{Json, Path, Routes, State, get};
///
/// # #[derive(Clone)]
/// # struct Greeter;
/// # impl Greeter { fn greet(&self, name: &str) -> String { format!("hello {name}") } }
/// fn routes(greeter: Greeter) -> Routes {
///     Routes::new("/greetings").route("/{name}", get(greet)).tag("greetings").with_state(greeter)
/// }
///
/// async fn greet(State(greeter): State<Greeter>, Path(name): Path<String>) -> Json<String> {
///     Json(greeter.greet(&name))
/// }
/// # assert_eq!(routes(Greeter).operations().next().unwrap().path(), "/greetings/{name}");
/// ```
///
/// `S` is the state that the handlers still wait for; [`with_state`](Self::with_state) gives it.
#[must_use = "contribute it to the server: `.contribute(routes)`"]
#[derive(Clone)]
pub struct Routes<S = ()> {
    prefix: Cow<'static, str>,
    tag: Option<Cow<'static, str>>,
    pub(super) entries: Vec<Entry<S>>,
    layers: Vec<LayerOf<S>>,
    pub(super) raw: Vec<Router>,
}

type LayerOf<S> = Arc<dyn Fn(MethodRouter<S>) -> MethodRouter<S> + Send + Sync>;

/// One path with its methods.
#[derive(Clone)]
pub(super) struct Entry<S> {
    pub(super) path: String,
    pub(super) router: MethodRouter<S>,
    pub(super) operations: Vec<Operation>,
}

impl Component for Routes {}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Routes whose paths all begin with `prefix`; `""` or `"/"` for none.
    pub fn new(prefix: impl Into<Cow<'static, str>>) -> Self {
        Self {
            prefix: prefix.into(),
            tag: None,
            entries: Vec::new(),
            layers: Vec::new(),
            raw: Vec::new(),
        }
    }

    /// Adds a path below the prefix: `/` is the prefix itself, `/{id}` takes one segment, `/{*rest}` all that follow.
    ///
    /// A path or method that cannot be, or is there already, is reported when the service starts.
    pub fn route(mut self, path: &str, methods: Methods<S>) -> Self {
        let path = join(&self.prefix, path);
        let Methods {
            router,
            mut operations,
        } = methods;
        for operation in &mut operations {
            operation.path.clone_from(&path);
        }
        self.entries.push(Entry {
            path,
            router,
            operations,
        });
        self
    }

    /// Names the group in the OpenAPI document; operations and nested groups with a tag of their own keep it.
    pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Puts a middleware around every handler of this group and of those nested in it, whatever the order of calls; not
    /// around the answers 404 and 405.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.layers
            .push(Arc::new(move |router| router.layer(layer.clone())));
        self
    }

    /// Adds a group whose prefix continues this one's, inside this group's middleware.
    pub fn nest(mut self, inner: Self) -> Self {
        let (entries, raw) = inner.finished();
        let prefix = self.prefix.clone();
        self.entries.extend(entries.map(|mut entry| {
            entry.path = join(&prefix, &entry.path);
            for operation in &mut entry.operations {
                operation.path.clone_from(&entry.path);
            }
            entry
        }));
        self.raw.extend(raw);
        self
    }

    /// Adds a group that stands beside this one: its paths stay as they are, and it is inside this group's middleware.
    pub fn merge(mut self, other: Self) -> Self {
        let (entries, raw) = other.finished();
        self.entries.extend(entries);
        self.raw.extend(raw);
        self
    }

    /// Gives the handlers the state that they ask for by `State<S>`.
    pub fn with_state(self, state: S) -> Routes {
        let prefix = self.prefix.clone();
        let (entries, raw) = self.finished();
        let entries = entries.map(|entry| Entry {
            path: entry.path,
            router: entry.router.with_state(state.clone()),
            operations: entry.operations,
        });
        Routes {
            prefix,
            tag: None,
            entries: entries.collect(),
            layers: Vec::new(),
            raw,
        }
    }

    /// The operations of all routes, in the order in which they were added.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.entries.iter().flat_map(|entry| &entry.operations)
    }

    /// The entries with tag and middleware applied, and the raw routers.
    pub(super) fn finished(self) -> (impl Iterator<Item = Entry<S>>, Vec<Router>) {
        let Self {
            tag, layers, raw, ..
        } = self;
        let entries = self.entries.into_iter().map(move |mut entry| {
            for operation in &mut entry.operations {
                operation.tag = operation.tag.take().or_else(|| tag.clone());
            }
            for layer in &layers {
                entry.router = layer(entry.router);
            }
            entry
        });
        (entries, raw)
    }
}

impl Routes {
    /// The router of these routes alone, for a test or to mount it elsewhere.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the routes.
    pub fn into_router(self) -> Result<Router, ApiErrors> {
        assemble(vec![self], CursorKey::default()).map(|it| it.router)
    }
}

/// Routes that axum knows and Atlas does not: they are served, but not described in the OpenAPI document.
impl From<Router> for Routes {
    fn from(router: Router) -> Self {
        let mut routes = Self::new("");
        routes.raw.push(router);
        routes
    }
}

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.entries.iter().flat_map(|entry| &entry.operations);
        f.debug_list()
            .entries(operations.map(|it| format!("{} {}", it.method, it.path)))
            .finish()
    }
}

/// Puts a path below a prefix, with one slash between them and none at the end.
fn join(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim_end_matches('/');
    match path {
        "" | "/" if prefix.is_empty() => "/".to_owned(),
        "" | "/" => prefix.to_owned(),
        _ => format!(
            "{prefix}{}{path}",
            if path.starts_with('/') { "" } else { "/" }
        ),
    }
}
