//! The template of a route, known to the whole process.

use std::fmt;
use std::sync::{Mutex, PoisonError};

static KNOWN: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// The template of a matched route such as `/products/{id}`: a small copy that never touches the heap when it is used.
///
/// A route is interned once, when its handler is made; the process keeps each distinct template for good, so only
/// templates belong here, never paths of requests. [`Route::index`] is dense, so that a table of metrics can be a `Vec`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    template: &'static str,
    index: u32,
}

impl Route {
    /// The route of this template; the same template gives the same route.
    pub fn intern(template: &str) -> Self {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let index = known.iter().position(|it| *it == template);
        let index = index.unwrap_or_else(|| {
            known.push(Box::leak(template.into()));
            known.len() - 1
        });
        Self {
            template: known[index],
            index: index as u32,
        }
    }

    /// The template, as in the routing table: `/products/{id}`.
    pub fn template(self) -> &'static str {
        self.template
    }

    /// The position among all routes of the process, counted from 0 without gaps.
    pub fn index(self) -> usize {
        self.index as usize
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.template)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Route({:?})", self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn the_same_template_is_the_same_route() {
        let one = Route::intern("/test/{id}");
        let other = Route::intern("/test/other");
        assert_eq!(one, Route::intern("/test/{id}"));
        assert_ne!(one.index(), other.index());
        assert_eq!(one.template(), "/test/{id}");
    }
}
