//! What the query string of a list says.

use std::borrow::Cow;
use std::marker::PhantomData;

use axum::http::Uri;
use serde_json::Value;

use super::order::{self, Order, SortKey};
use crate::extract::{Input, Parameters, pairs, query};
use crate::problem::{Error, Fault, Place, Problem, Result};

/// How the query strings of one list are read.
#[derive(Debug)]
pub struct ListPlan<K, F> {
    filter: Parameters,
    keys: Vec<String>,
    types: PhantomData<fn() -> (K, F)>,
}

/// The parameters that every list has, beside its filter.
#[derive(Debug)]
pub(super) struct Asked<K, F> {
    pub(super) filter: F,
    pub(super) order: Vec<Order<K>>,
    pub(super) limit: u32,
    /// `cursor` or `page`.
    pub(super) place: Option<String>,
    /// Order and filter in one canonical text.
    pub(super) binding: String,
}

impl<K: SortKey, F: Input> ListPlan<K, F> {
    pub(super) fn new() -> Self {
        Self {
            filter: Parameters::of::<F>(),
            keys: order::names::<K>(),
            types: PhantomData,
        }
    }

    /// Reads a query string; `place` is the name of the parameter that says which page.
    pub(super) fn read(&self, uri: &Uri, place: &'static str) -> Result<Asked<K, F>> {
        let query = uri.query().unwrap_or_default();
        let mut own = Own::default();
        let mut rest: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "limit" => own.set(|it| &mut it.limit, "limit", value),
                "sort" => own.set(|it| &mut it.sort, "sort", value),
                name if name == place => own.set(|it| &mut it.place, place, value),
                _ => rest.push((name, value)),
            }
        }
        let binding = binding(&rest);
        let names = ["limit", "sort", place];
        let filter = pairs::read::<F>(&self.filter, rest.into_iter(), Place::Query, &names);
        let filter = filter.map_err(query::refuse);
        let order = self.order(own.sort.as_deref(), &mut own.faults);
        let limit = limit::<K>(own.limit.as_deref(), &mut own.faults);
        let Own {
            place: page,
            faults,
            ..
        } = own;
        let page = page.map(Cow::into_owned);
        let own = (!faults.is_empty()).then(|| query::refuse(faults));
        match (filter, order, limit, own) {
            (Ok(filter), Some(order), Some(limit), None) => Ok(Asked {
                filter,
                binding: format!("{}\n{binding}", order::text(&order)),
                order,
                limit,
                place: page,
            }),
            (filter, _, _, own) => Err(Error::together([own, filter.err()])),
        }
    }

    fn order(&self, sort: Option<&str>, faults: &mut Vec<Fault>) -> Option<Vec<Order<K>>> {
        match sort {
            None => Some(order::default()),
            Some(text) => order::parse(text, &self.keys)
                .map_err(|found| faults.extend(found))
                .ok(),
        }
    }
}

/// The parameters of the list itself, each at most once.
#[derive(Default)]
struct Own<'a> {
    limit: Option<Cow<'a, str>>,
    sort: Option<Cow<'a, str>>,
    place: Option<Cow<'a, str>>,
    faults: Vec<Fault>,
}

impl<'a> Own<'a> {
    fn set(
        &mut self,
        field: impl FnOnce(&mut Self) -> &mut Option<Cow<'a, str>>,
        name: &str,
        value: Cow<'a, str>,
    ) {
        if field(self).replace(value).is_some() {
            let place = Place::Query(name.to_owned());
            let fault = Fault::new(place, "duplicate", "is given more than once");
            self.faults.push(fault);
        }
    }
}

/// How many items: at least one; more than the maximum is the maximum.
fn limit<K: SortKey>(text: Option<&str>, faults: &mut Vec<Fault>) -> Option<u32> {
    match text {
        None => Some(K::DEFAULT_LIMIT.min(K::MAX_LIMIT)),
        Some(text) => count(text, "limit", faults).map(|it| it.min(K::MAX_LIMIT)),
    }
}

/// A whole number of at least one; what does not fit is the greatest that does.
pub(super) fn count(text: &str, name: &str, faults: &mut Vec<Fault>) -> Option<u32> {
    let place = || Place::Query(name.to_owned());
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        faults.push(Fault::new(place(), "type", "expected an integer"));
        return None;
    }
    if text.starts_with('-') || digits.bytes().all(|it| it == b'0') {
        faults.push(Fault::new(place(), "minimum", "must be at least 1"));
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

/// The filter in one canonical text.
fn binding(pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(sorted.into_iter().map(|(name, value)| (&**name, &**value)))
        .finish()
}

/// 400 for a cursor that is not of this list.
pub(super) fn bad_cursor() -> Error {
    let place = Place::Query("cursor".to_owned());
    let message = "does not belong to this list, order and filter, or was altered; take it from `next_cursor`";
    Problem::bad_parameters("invalid_cursor", vec![Fault::new(place, "cursor", message)]).into()
}

/// The description of the parameter `limit`.
pub(super) fn limit_schema<K: SortKey>() -> Value {
    serde_json::json!({
        "type": "integer",
        "minimum": 1,
        "default": K::DEFAULT_LIMIT.min(K::MAX_LIMIT),
        "description": format!("How many items the page holds; more than {0} counts as {0}.", K::MAX_LIMIT)
    })
}
