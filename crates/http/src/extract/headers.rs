//! Headers.

use std::borrow::Cow;

use super::text::Parameters;
use super::{Input, pairs};
use crate::problem::{Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

/// Headers as a struct whose fields are named like them: `#[serde(rename_all = "kebab-case")]` makes `x-api-version` of
/// `x_api_version`. Names are written in lower case; optional headers are `Option`; headers that the struct does not
/// name are left alone.
///
/// A value against the rules is refused with 422, and the fault names the header. `Content-Type`, `Accept` and
/// `Authorization` are described elsewhere in an OpenAPI document and do not belong here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers<T>(pub T);

/// How headers of one type are read.
#[derive(Debug)]
pub struct HeadersPlan(Parameters);

impl<S: Sync, T: Input> Argument<S> for Headers<T> {
    type Plan = HeadersPlan;

    fn plan(operation: &mut Operation) -> HeadersPlan {
        operation.headers::<T>();
        operation.problem(422);
        HeadersPlan(Parameters::of::<T>())
    }

    async fn take(plan: &HeadersPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let headers = &request.parts.headers;
        let pairs = plan.0.names().filter_map(|name| {
            let value = headers.get(name)?;
            // a header is a text of bytes; what is not UTF-8 in it cannot fit any rule
            Some((
                Cow::Borrowed(name),
                String::from_utf8_lossy(value.as_bytes()),
            ))
        });
        let read = pairs::read(&plan.0, pairs, Place::Header, &[]);
        read.map(Self)
            .map_err(|faults| Problem::invalid(faults).into())
    }
}
