//! The query string.

use super::text::Parameters;
use super::{Input, pairs};
use crate::problem::{Error, Fault, Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

/// The parameters after the `?`, as a struct: optional ones as `Option`, repeated ones (`?tag=a&tag=b`) as `Vec`.
///
/// Unknown names and names given twice are refused with 400, values against the rules with 422; each fault names its
/// parameter. Lists with pages and order take [`List`](crate::page::List) instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

/// How query strings of one type are read.
#[derive(Debug)]
pub struct QueryPlan(Parameters);

impl<S: Sync, T: Input> Argument<S> for Query<T> {
    type Plan = QueryPlan;

    fn plan(operation: &mut Operation) -> QueryPlan {
        operation.query::<T>();
        operation.problem(400);
        operation.problem(422);
        QueryPlan(Parameters::of::<T>())
    }

    async fn take(plan: &QueryPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let uri = &request.parts.uri;
        let query = uri.query().unwrap_or_default();
        if plan.0.serde_is_enough(query)
            && let Ok(axum::extract::Query(value)) = axum::extract::Query::<T>::try_from_uri(uri)
            && value.validate().is_ok()
        {
            return Ok(Self(value));
        }
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs::read(&plan.0, pairs, Place::Query, &[])
            .map(Self)
            .map_err(refuse)
    }
}

/// 400 when a name is unknown or given twice, else 422.
pub(crate) fn refuse(faults: Vec<Fault>) -> Error {
    let any = |code: &str| faults.iter().any(|it| it.code() == code);
    if any("unknown") {
        Problem::bad_parameters("unknown_parameter", faults).into()
    } else if any("duplicate") {
        Problem::bad_parameters("duplicate_parameter", faults).into()
    } else {
        Problem::invalid(faults).into()
    }
}
