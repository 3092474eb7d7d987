//! The methods of one path.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter};

use super::endpoint::Endpoint;
use super::{Arguments, Handler, Operation, Reply};

/// The methods of one path with their handlers: made by [`get`], [`post`] and so on, chained, and given to
/// [`Routes::route`](super::Routes::route).
///
/// What is said by [`summary`](Self::summary) and its siblings is about the method added last.
#[must_use = "give it to `Routes::route`"]
pub struct Methods<S = ()> {
    pub(super) router: MethodRouter<S>,
    pub(super) operations: Vec<Operation>,
}

macro_rules! method {
    ($name:ident $METHOD:ident $what:literal) => {
        #[doc = concat!("Answers `", stringify!($METHOD), "` with `handler`: ", $what, ".")]
        pub fn $name<H, Args, S>(handler: H) -> Methods<S>
        where
            H: Handler<Args>,
            H::Future: Future<Output: Reply> + Send,
            Args: Arguments<S> + 'static,
            S: Clone + Send + Sync + 'static,
        {
            Methods::new().$name(handler)
        }
    };
}

method!(get GET "reads something, and answers `HEAD` too");
method!(post POST "creates something, or does what no other method says");
method!(put PUT "replaces something");
method!(patch PATCH "changes parts of something");
method!(delete DELETE "removes something");

macro_rules! chained {
    ($name:ident $METHOD:ident) => {
        #[doc = concat!("Answers `", stringify!($METHOD), "` too.")]
        pub fn $name<H, Args>(self, handler: H) -> Self
        where
            H: Handler<Args>,
            H::Future: Future<Output: Reply> + Send,
            Args: Arguments<S> + 'static,
        {
            self.on(MethodFilter::$METHOD, Method::$METHOD, handler)
        }
    };
}

impl<S: Clone + Send + Sync + 'static> Methods<S> {
    fn new() -> Self {
        Self {
            router: MethodRouter::new(),
            operations: Vec::new(),
        }
    }

    chained!(get GET);
    chained!(post POST);
    chained!(put PUT);
    chained!(patch PATCH);
    chained!(delete DELETE);

    /// What the operation does, in a few words; by default made from the handler's name.
    pub fn summary(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.last(|operation| operation.summary = Some(text.into()))
    }

    /// What the operation does, at length (CommonMark).
    pub fn description(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.last(|operation| operation.description = Some(text.into()))
    }

    /// The `operationId`, which generated clients use as the name of a function; by default made from the tag and the
    /// handler's name. It must be unique in the API.
    pub fn id(self, id: impl Into<Cow<'static, str>>) -> Self {
        self.last(|operation| operation.id = Some(id.into()))
    }

    /// The tag, if it is not that of the group.
    pub fn tag(self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.last(|operation| operation.tag = Some(tag.into()))
    }

    /// Marks the operation as one that clients should move away from.
    pub fn deprecated(self) -> Self {
        self.last(|operation| operation.deprecated = true)
    }

    /// Leaves the operation out of the document.
    pub fn hidden(self) -> Self {
        self.last(|operation| operation.hidden = true)
    }

    /// Declares a status under which the operation answers with a problem, such as 409.
    pub fn problem(self, status: u16) -> Self {
        self.last(|operation| operation.problem(status))
    }

    /// How long the handler may take, if not `http.handler_timeout`; counted from the head of the request.
    pub fn timeout(self, limit: Duration) -> Self {
        self.last(|operation| operation.timeout = Some(limit))
    }

    /// The most bytes of the request's body, if not `http.max_body_bytes`. Memory is taken for as much as is allowed.
    pub fn max_body(self, bytes: u64) -> Self {
        self.last(|operation| operation.max_body = Some(bytes))
    }

    /// How long the body may take to arrive, if not `http.body_timeout`; counted from the head of the request. Give the
    /// handler more [`timeout`](Self::timeout) as well: its time runs while it reads.
    pub fn body_timeout(self, limit: Duration) -> Self {
        self.last(|operation| operation.body_timeout = Some(limit))
    }

    fn on<H, Args>(mut self, filter: MethodFilter, method: Method, handler: H) -> Self
    where
        H: Handler<Args>,
        H::Future: Future<Output: Reply> + Send,
        Args: Arguments<S> + 'static,
    {
        let mut operation = Operation::new(method, std::any::type_name::<H>());
        let plans = Args::plan(&mut operation);
        <<H::Future as Future>::Output as Reply>::describe(&mut operation);
        let endpoint = Endpoint::new(handler, plans, Arc::clone(&operation.site));
        let known = self
            .operations
            .iter()
            .any(|it| it.method == operation.method);
        self.operations.push(operation);
        // axum panics on a method that is given twice; ours is reported with its place when the service starts
        if !known {
            self.router = self.router.on(filter, endpoint);
        }
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Operation)) -> Self {
        if let Some(operation) = self.operations.last_mut() {
            change(operation);
        }
        self
    }
}
