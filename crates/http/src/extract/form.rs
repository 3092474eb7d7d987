//! Forms.

use super::text::Parameters;
use super::{Input, body, media, pairs};
use crate::problem::{Fault, Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// The body as an HTML form sends it (`application/x-www-form-urlencoded`), as a struct: optional fields as `Option`,
/// repeated ones as `Vec`.
///
/// It is checked as [`Json`](super::Json) is, and each fault names its field by a JSON Pointer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

/// How forms of one type are read.
#[derive(Debug)]
pub struct FormPlan(Parameters);

impl<S: Sync, T: Input> Argument<S> for Form<T> {
    type Plan = FormPlan;

    fn plan(operation: &mut Operation) -> FormPlan {
        operation.body::<T>(MEDIA_TYPE);
        for status in [400, 413, 415, 422] {
            operation.problem(status);
        }
        FormPlan(Parameters::of::<T>())
    }

    async fn take(plan: &FormPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        if !media::is(&request.parts.headers, &[MEDIA_TYPE], false) {
            return Err(Problem::unsupported_media_type(MEDIA_TYPE).into());
        }
        let text = body::read(request).await?;
        let pairs = form_urlencoded::parse(&text);
        let read = pairs::read(&plan.0, pairs, field, &[]);
        read.map(Self).map_err(|faults| {
            if faults.iter().any(|it: &Fault| it.code() == "duplicate") {
                let problem = Problem::malformed("a field is given more than once");
                return problem.faults(faults).into();
            }
            Problem::invalid(faults).into()
        })
    }
}

fn field(name: String) -> Place {
    let mut pointer = String::new();
    super::push_token(&mut pointer, &name);
    Place::Body(pointer)
}
