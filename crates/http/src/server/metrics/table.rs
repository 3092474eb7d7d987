//! The series of all routes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use atlas_telemetry::context::Route;

use super::series::{Key, List, Sample, Series};

/// The most series that are kept; what comes after shares one, so that no mistake can fill the memory.
const MAX_SERIES: usize = 2000;
/// How many routes one block holds.
const BLOCK: usize = 64;
/// The most blocks: 4096 routes.
const BLOCKS: usize = 64;

/// Finds the series of a route by the route's number.
pub(super) struct Table {
    /// Requests that no route matched.
    unmatched: List,
    blocks: [OnceLock<Box<[Entry; BLOCK]>>; BLOCKS],
    overflow: List,
    series: AtomicUsize,
    limit: usize,
}

#[derive(Default)]
struct Entry {
    template: OnceLock<&'static str>,
    list: List,
}

impl Table {
    pub(super) fn new() -> Self {
        Self::with_limit(MAX_SERIES)
    }

    fn with_limit(limit: usize) -> Self {
        Self {
            unmatched: List::default(),
            blocks: [const { OnceLock::new() }; BLOCKS],
            overflow: List::default(),
            series: AtomicUsize::new(0),
            limit,
        }
    }

    pub(super) fn observe(&self, sample: &Sample) {
        let key = Key::of(sample);
        let list = match sample.route {
            None => Some(&self.unmatched),
            Some(route) => self.list(route),
        };
        let may_grow = || self.series.fetch_add(1, Relaxed) < self.limit;
        let series = list
            .and_then(|list| list.find(key, may_grow))
            .or_else(|| self.overflow.find(Key::OVERFLOW, || true));
        if let Some(series) = series {
            series.observe(sample);
        }
    }

    fn list(&self, route: Route) -> Option<&List> {
        let block = self.blocks.get(route.index() / BLOCK)?;
        let block = block.get_or_init(|| Box::new(std::array::from_fn(|_| Entry::default())));
        let entry = &block[route.index() % BLOCK];
        entry.template.get_or_init(|| route.template());
        Some(&entry.list)
    }

    /// All series with the template of their route.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Option<&'static str>, &Series)> {
        let entries = self
            .blocks
            .iter()
            .filter_map(|block| block.get())
            .flat_map(|block| block.iter())
            .flat_map(|entry| {
                let template = entry.template.get().copied();
                entry.list.iter().map(move |series| (template, series))
            });
        let rest = self.unmatched.iter().chain(self.overflow.iter());
        entries.chain(rest.map(|series| (None, series)))
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("series", &self.series)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Version;

    use super::super::method::Verb;
    use super::*;

    fn sample(route: Option<Route>, status: u16) -> Sample {
        Sample {
            route,
            verb: Verb::OTHER,
            version: Version::HTTP_11,
            secure: false,
            status,
            failure: None,
            duration: Duration::from_millis(1),
            request_bytes: 0,
            response_bytes: 0,
        }
    }

    #[test]
    fn beyond_the_limit_all_share_one_series() {
        let table = Table::with_limit(10);
        for status in 200..300 {
            table.observe(&sample(Some(Route::intern("/table")), status));
        }
        assert_eq!(table.iter().count(), 11);
        let (template, overflow) = table.iter().last().unwrap();
        assert_eq!((template, overflow.key), (None, Key::OVERFLOW));
    }

    #[test]
    fn a_series_carries_the_template_of_its_route() {
        let table = Table::new();
        table.observe(&sample(Some(Route::intern("/table/{id}")), 200));
        table.observe(&sample(None, 404));
        let templates: Vec<_> = table.iter().map(|(template, _)| template).collect();
        assert_eq!(templates, [Some("/table/{id}"), None]);
    }
}
