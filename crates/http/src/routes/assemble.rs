//! All routes of an API put together, once everything about them has been checked.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use atlas_telemetry::context::Route;
use axum::Router;

use super::group::Entry;
use super::{ApiErrors, Operation, Routes, fallback};
use crate::openapi;
use crate::page::CursorKey;

/// Addresses that Atlas answers itself.
const RESERVED: [&str; 9] = [
    "/livez",
    "/readyz",
    "/startupz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/docs/docs.css",
    "/docs/docs.js",
    "/docs/problems/{kind}",
];

/// The router and what is known about its routes.
pub(crate) struct Assembled {
    pub(crate) router: Router,
    pub(crate) operations: Vec<Operation>,
}

/// Puts all routes together.
///
/// # Errors
///
/// Everything that is wrong with them, at once.
pub(crate) fn assemble(groups: Vec<Routes>, cursors: CursorKey) -> Result<Assembled, ApiErrors> {
    let mut paths: Vec<Entry<()>> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut raw = Vec::new();
    let mut check = Check::new();
    for group in groups {
        let (entries, routers) = group.finished();
        raw.extend(routers);
        for entry in entries {
            check.operations(&entry);
            match index.get(&entry.path) {
                Some(at) => check.join(&mut paths[*at], entry),
                None if check.path(&entry.path) => {
                    index.insert(entry.path.clone(), paths.len());
                    paths.push(entry);
                }
                None => {}
            }
        }
    }
    check.done()?;

    let mut router = Router::new();
    let mut operations = Vec::new();
    for entry in paths {
        for operation in &entry.operations {
            operation.site.settle(&entry.path, cursors);
        }
        let allow = fallback::allow(entry.operations.iter().map(Operation::method));
        let refuse = fallback::method_not_allowed(Route::intern(&entry.path), allow);
        router = router.route(&entry.path, entry.router.fallback(refuse));
        operations.extend(entry.operations);
    }
    for other in raw {
        let other = other.method_not_allowed_fallback(fallback::method_not_allowed_there);
        router = merged(router, other.layer(fallback::NoteRoute))?;
    }
    Ok(Assembled {
        router: router.fallback(fallback::not_found),
        operations,
    })
}

/// Adds a router of axum's own. It does not tell its paths, so that one it has in common with others shows only here.
fn merged(router: Router, other: Router) -> Result<Router, ApiErrors> {
    catch_unwind(AssertUnwindSafe(|| router.merge(other))).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        let words = words.unwrap_or("it cannot be merged");
        ApiErrors(vec![format!(
            "a router of axum's own does not fit beside the others: {words}; change its paths"
        )])
    })
}

/// Finds what axum would panic about, and what would only show when a request comes.
struct Check {
    table: matchit::Router<()>,
    problems: Vec<String>,
}

impl Check {
    fn new() -> Self {
        let mut table = matchit::Router::new();
        for path in RESERVED {
            // these do not conflict with each other
            let _ = table.insert(path, ());
        }
        Self {
            table,
            problems: Vec::new(),
        }
    }

    /// Whether the path can be served beside those before it.
    fn path(&mut self, path: &str) -> bool {
        let old_style = path
            .split('/')
            .find(|segment| segment.starts_with([':', '*']));
        if let Some(segment) = old_style {
            let name = &segment[1..];
            let now = if segment.starts_with(':') { "{" } else { "{*" };
            self.problems.push(format!(
                "path `{path}`: write `{now}{name}}}` instead of `{segment}`"
            ));
            return false;
        }
        match self.table.insert(path, ()) {
            Ok(()) => true,
            Err(matchit::InsertError::Conflict { with }) if RESERVED.contains(&&*with) => {
                self.problems.push(format!(
                    "path `{path}`: Atlas itself answers at `{with}`; choose another path"
                ));
                false
            }
            Err(matchit::InsertError::Conflict { with }) => {
                self.problems.push(format!(
                    "path `{path}` cannot be told from `{with}`; give their parameters the same name, or change one path"
                ));
                false
            }
            Err(error) => {
                let error = error.to_string().to_lowercase();
                self.problems.push(format!("path `{path}`: {error}"));
                false
            }
        }
    }

    /// Each operation by itself.
    fn operations(&mut self, entry: &Entry<()>) {
        for (at, operation) in entry.operations.iter().enumerate() {
            let name = format!("`{} {}`", operation.method, operation.path);
            let handler = operation.handler;
            if let [first, second, ..] = operation.bodies.as_slice() {
                self.problems.push(format!(
                    "{name}: {handler} takes the body twice, as `{}` and as `{}`; take it once",
                    first.name, second.name
                ));
            }
            if entry.operations[..at]
                .iter()
                .any(|it| it.method == operation.method)
            {
                self.problems.push(format!(
                    "{name} is given twice, the second time to {handler}"
                ));
            }
            if let Some(problem) = openapi::path_mismatch(operation) {
                self.problems.push(format!("{name}: {handler} {problem}"));
            }
        }
    }

    /// Adds the methods of a second entry for the same path.
    fn join(&mut self, first: &mut Entry<()>, second: Entry<()>) {
        let mut clash = false;
        for operation in &second.operations {
            let before = first
                .operations
                .iter()
                .find(|it| it.method == operation.method);
            if let Some(before) = before {
                clash = true;
                self.problems.push(format!(
                    "`{} {}` is answered by {} and by {}; remove one, or change its path",
                    operation.method, operation.path, before.handler, operation.handler
                ));
            }
        }
        if !clash {
            first.router = first.router.clone().merge(second.router);
            first.operations.extend(second.operations);
        }
    }

    fn done(self) -> Result<(), ApiErrors> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiErrors(self.problems))
        }
    }
}
