//! All handlers of a service.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use atlas_core::{Component, Diagnostic};

use super::{Handler, decode};
use crate::name;

/// All handlers of a service, by the kind of their jobs.
#[derive(Clone, Debug)]
pub struct Handlers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    handlers: BTreeMap<&'static str, Handler>,
    /// By what stores call the kinds, each version that can be read.
    stored: HashMap<String, &'static str>,
}

impl Component for Handlers {}

impl Handlers {
    /// Checks that they fit together.
    ///
    /// # Errors
    ///
    /// A401 when two of them are for one kind; A402 when the name of a kind cannot be one.
    pub fn new(handlers: Vec<Handler>) -> Result<Self, Diagnostic> {
        let mut by_kind: BTreeMap<&'static str, Handler> = BTreeMap::new();
        let mut stored = HashMap::new();
        for handler in handlers {
            let kind = handler.kind;
            if !name::is_name(kind) {
                return Err(malformed(&handler));
            }
            for version in 1..=handler.version.max(1) {
                stored.insert(decode::stored(kind, version), kind);
            }
            if let Some(first) = by_kind.get(kind) {
                return Err(twice(first, &handler));
            }
            by_kind.insert(kind, handler);
        }
        Ok(Self(Arc::new(Inner {
            handlers: by_kind,
            stored,
        })))
    }

    /// What stores call the kinds that can be run, in all their versions.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.0.stored.keys().cloned().collect();
        kinds.sort_unstable();
        kinds
    }

    /// The handler for what a store calls a kind; none if it is not known, or its payload is of a newer version.
    #[must_use]
    pub fn get(&self, stored: &str) -> Option<&Handler> {
        self.0.handlers.get(self.0.stored.get(stored)?)
    }

    /// All of them, by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Handler> {
        self.0.handlers.values()
    }

    /// Says whether there is none: a worker had nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.handlers.is_empty()
    }
}

fn twice(first: &Handler, second: &Handler) -> Diagnostic {
    let kind = first.kind;
    Diagnostic::new(
        "A401",
        format!("two handlers for jobs of the kind `{kind}`"),
    )
    .place(format!("{} and {}", first.function, second.function))
    .help("give one of the jobs another `KIND`, or contribute only one of the handlers")
}

fn malformed(handler: &Handler) -> Diagnostic {
    let kind = handler.kind;
    Diagnostic::new("A402", format!("`{kind}` cannot be the kind of a job"))
        .place(format!("`KIND` of the job that {} runs", handler.function))
        .help(format!("a kind is {}", name::RULE))
}
