//! The place of a handler in the API, known once all routes are put together.

use std::sync::OnceLock;

use atlas_telemetry::context::{self, Route};

use crate::page::CursorKey;

/// Where in the API a handler is: its route, and what the whole API shares.
#[derive(Debug, Default)]
pub struct Site(OnceLock<Bound>);

#[derive(Debug)]
struct Bound {
    route: Route,
    cursors: CursorKey,
}

impl Site {
    /// Settles the place; the first time counts.
    pub(super) fn settle(&self, template: &str, cursors: CursorKey) {
        self.0.get_or_init(|| Bound {
            route: Route::intern(template),
            cursors,
        });
    }

    /// The template of the route, such as `/products/{id}`.
    pub fn route(&self) -> &'static str {
        self.0.get().map_or("", |bound| bound.route.template())
    }

    /// What cursors of this API are sealed with.
    pub(crate) fn cursors(&self) -> CursorKey {
        self.0.get().map(|bound| bound.cursors).unwrap_or_default()
    }

    /// Tells the server which route was matched.
    pub(super) fn note(&self) {
        if let Some(bound) = self.0.get() {
            context::current(|context| context.set_route(bound.route));
        }
    }
}
