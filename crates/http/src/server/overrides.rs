//! Limits that single operations set for themselves.

use std::collections::HashMap;
use std::time::Duration;

use atlas_telemetry::context::{self, Route};

use super::metrics::Verb;
use crate::routes::Operation;

/// The limits of those operations that have their own.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    by_operation: HashMap<(Route, Verb), Override>,
    largest_body: u64,
}

/// What one operation sets for itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Override {
    /// How long its handler may take.
    pub(crate) handler: Option<Duration>,
    /// The most bytes of its body.
    pub(crate) body: Option<u64>,
    /// How long its body may take to arrive.
    pub(crate) body_time: Option<Duration>,
}

impl Overrides {
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let mut all = Self::default();
        for operation in operations {
            let it = Override {
                handler: operation.timeout,
                body: operation.max_body,
                body_time: operation.body_timeout,
            };
            if it.handler.is_some() || it.body.is_some() || it.body_time.is_some() {
                let route = Route::intern(operation.path());
                let key = (route, Verb::of(operation.method()));
                all.by_operation.insert(key, it);
                all.largest_body = all.largest_body.max(it.body.unwrap_or(0));
            }
        }
        all
    }

    /// Whether no operation has limits of its own.
    pub(super) fn is_empty(&self) -> bool {
        self.by_operation.is_empty()
    }

    /// The largest body that any operation allows itself.
    pub(super) fn largest_body(&self) -> u64 {
        self.largest_body
    }

    /// What holds for the request that is being served, once its route is known.
    pub(super) fn current(&self, verb: Verb) -> Option<Override> {
        if self.is_empty() {
            return None;
        }
        let route = context::current(context::Context::route)??;
        self.by_operation.get(&(route, verb)).copied()
    }
}
