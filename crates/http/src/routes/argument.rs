//! What a handler can ask for.

use std::future::Future;

use axum::body::Body;
use axum::http::request::Parts;

use super::{Operation, Site};
use crate::problem::{Error, Result};

/// An argument of a handler: taken from the request, and described in the OpenAPI document from its type alone.
///
/// Ready made are [`Json`](crate::Json), [`Path`](crate::Path), [`Query`](crate::Query), [`State`](crate::State),
/// [`List`](crate::page::List), and from axum `HeaderMap`, `Method`, `Uri`, `Extension`, `Bytes` and `Request`. One of
/// your own implements this trait: `plan` once when the route is made, `take` for every request.
///
/// ```
/// use atlas_http::routes::{Argument, Incoming, Operation};
/// use atlas_http::{Problem, Result};
///
/// /// Who calls, as the gateway in front says.
/// struct Caller(String);
///
/// impl<S: Sync> Argument<S> for Caller {
///     type Plan = ();
///
///     fn plan(operation: &mut Operation) {
///         operation.header::<String>("x-caller", true);
///         operation.problem(400);
///     }
///
///     async fn take(_: &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
///         let value = request.parts.headers.get("x-caller").and_then(|it| it.to_str().ok());
///         let caller = value.ok_or_else(|| Problem::malformed("`x-caller` is missing"))?;
///         Ok(Self(caller.to_owned()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a handler",
    label = "a handler cannot ask for `{Self}`",
    note = "take the body as `Json<{Self}>`, parameters as `Path<{Self}>` or `Query<{Self}>`, a service as `State<{Self}>`"
)]
pub trait Argument<S>: Sized + Send {
    /// What is worked out once, when the route is made, and used by every request: a schema, a list of names.
    type Plan: Send + Sync + 'static;

    /// Describes the argument in `operation`, and prepares for taking it.
    fn plan(operation: &mut Operation) -> Self::Plan;

    /// Takes the argument from the request.
    ///
    /// # Errors
    ///
    /// What the client is to be told: usually 400 or 422 with the faults that were found. The faults of several
    /// arguments are reported together.
    fn take(
        plan: &Self::Plan,
        request: &mut Incoming<'_>,
        state: &S,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A request, from which the arguments are taken one after the other.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Method, address, headers and extensions.
    pub parts: Parts,
    body: Option<Body>,
    site: &'a Site,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(parts: Parts, body: Body, site: &'a Site) -> Self {
        Self {
            parts,
            body: Some(body),
            site,
        }
    }

    /// The body; whoever takes it first has it, a second taker finds it empty.
    ///
    /// An argument that does so declares it with [`Operation::body`], which refuses two of them when the service starts.
    pub fn take_body(&mut self) -> Body {
        self.body.take().unwrap_or_default()
    }

    /// The place in the API that the request came to.
    pub fn site(&self) -> &'a Site {
        self.site
    }
}

/// All arguments of a handler.
pub trait Arguments<S>: Sized + Send {
    /// The plans of all of them.
    type Plans: Send + Sync + 'static;

    /// Plans all of them, in order.
    fn plan(operation: &mut Operation) -> Self::Plans;

    /// Takes all of them, and reports the faults of all of them.
    ///
    /// # Errors
    ///
    /// The first error, with the faults of those that follow.
    fn take(
        plans: &Self::Plans,
        request: &mut Incoming<'_>,
        state: &S,
    ) -> impl Future<Output = Result<Self>> + Send;
}

impl<S: Sync> Arguments<S> for () {
    type Plans = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), _: &mut Incoming<'_>, _: &S) -> Result<Self> {
        Ok(())
    }
}

macro_rules! arguments {
    ($($A:ident $plan:ident)*) => {
        #[allow(non_snake_case, reason = "the values are named like their types")]
        impl<S: Sync, $($A: Argument<S>,)*> Arguments<S> for ($($A,)*) {
            type Plans = ($($A::Plan,)*);

            fn plan(operation: &mut Operation) -> Self::Plans {
                ($($A::plan(operation),)*)
            }

            async fn take(($($plan,)*): &Self::Plans, request: &mut Incoming<'_>, state: &S) -> Result<Self> {
                $(let $A = $A::take($plan, request, state).await;)*
                match ($($A,)*) {
                    ($(Ok($A),)*) => Ok(($($A,)*)),
                    ($($A,)*) => Err(Error::together([$($A.err(),)*])),
                }
            }
        }
    };
}

arguments!(A a);
arguments!(A a B b);
arguments!(A a B b C c);
arguments!(A a B b C c D d);
arguments!(A a B b C c D d E e);
arguments!(A a B b C c D d E e G g);
arguments!(A a B b C c D d E e G g H h);
arguments!(A a B b C c D d E e G g H h I i);
arguments!(A a B b C c D d E e G g H h I i J j);
arguments!(A a B b C c D d E e G g H h I i J j K k);
arguments!(A a B b C c D d E e G g H h I i J j K k L l);
arguments!(A a B b C c D d E e G g H h I i J j K k L l M m);
