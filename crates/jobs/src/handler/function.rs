//! Plain functions as handlers.

use std::{any::type_name, fmt, future::Future};

use atlas_core::{Constructor, Param};

use super::Handler;
use crate::{IntoOutcome, Job, Run};

/// An async function that runs jobs `J`: its first argument is [`Run<J>`](Run), up to eleven others are components.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an async function that begins with a `Run` of a job",
    note = "a handler is `async fn(job: Run<J>, …) -> R` with `J: Job` and up to eleven components after it",
    note = "what it holds across an `.await` is `Send`"
)]
pub trait Function<J, Args>: Clone + Send + Sync + 'static {
    /// What it returns.
    type Future: Future + Send + 'static;

    /// Runs one job.
    fn call(&self, run: Run<J>, args: Args) -> Self::Future;
}

/// What a handler may ask for beside its job: components, which it gets a clone of each time.
#[diagnostic::on_unimplemented(
    message = "a handler of jobs asks for what is no component",
    label = "`{Self}` are not all components",
    note = "mark the type: `#[derive(Clone, Component)]`",
    note = "or share it: `Arc<T>` is a component for every `Send + Sync` type, trait objects included"
)]
pub trait Arguments: Param + Clone + Sync {}

#[diagnostic::do_not_recommend]
impl<Args: Param + Clone + Sync> Arguments for Args {}

/// A constructor of a [`Handler`]: it takes the components that the function takes after its job.
pub struct Handling<Args> {
    function: &'static str,
    make: Box<dyn FnOnce(Args) -> Handler + Send>,
}

/// Makes a function a constructor of a [`Handler`], for [`Module::contribute`](atlas_core::Module::contribute).
pub fn handler<F, J, Args>(function: F) -> Handling<Args>
where
    F: Function<J, Args, Future: Future<Output: IntoOutcome>>,
    J: Job,
    Args: Arguments,
{
    let make = move |args: Args| {
        let run = move |run| function.call(run, args.clone());
        Handler::named::<J, _, _>(type_name::<F>(), run)
    };
    Handling {
        function: type_name::<F>(),
        make: Box::new(make),
    }
}

impl<Args: 'static> Constructor<Args> for Handling<Args> {
    type Output = Handler;

    fn call(self, args: Args) -> Handler {
        (self.make)(args)
    }
}

impl<Args> fmt::Debug for Handling<Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handling")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

macro_rules! functions {
    ($($P:ident)*) => {
        #[allow(non_snake_case, reason = "the type parameters name the arguments too")]
        impl<F, J, Fut, $($P),*> Function<J, ($($P,)*)> for F
        where
            F: Fn(Run<J>, $($P),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future + Send + 'static,
        {
            type Future = Fut;

            fn call(&self, run: Run<J>, ($($P,)*): ($($P,)*)) -> Fut {
                self(run, $($P),*)
            }
        }
    };
}

functions!();
functions!(P1);
functions!(P1 P2);
functions!(P1 P2 P3);
functions!(P1 P2 P3 P4);
functions!(P1 P2 P3 P4 P5);
functions!(P1 P2 P3 P4 P5 P6);
functions!(P1 P2 P3 P4 P5 P6 P7);
functions!(P1 P2 P3 P4 P5 P6 P7 P8);
functions!(P1 P2 P3 P4 P5 P6 P7 P8 P9);
functions!(P1 P2 P3 P4 P5 P6 P7 P8 P9 P10);
functions!(P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11);
