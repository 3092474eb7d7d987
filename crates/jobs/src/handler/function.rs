//! Plain functions as handlers.

use std::{any::type_name, future::Future, marker::PhantomData};

use atlas_core::Constructor;

use super::Handler;
use crate::{IntoOutcome, Job, Run};

/// An async function that runs jobs `J`: its first argument is [`Run<J>`](Run), up to eleven others are components.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an async function that begins with a `Run` of a job",
    note = "a handler is `async fn(job: Run<J>, …) -> R` with `J: Job` and up to eleven components after it",
    note = "`R` is `Outcome`, `()`, or a `Result` of either with any error, and the future is `Send`"
)]
pub trait Function<J, Args>: Clone + Send + Sync + 'static {
    /// What it returns.
    type Future: Future<Output: IntoOutcome> + Send + 'static;

    /// Runs one job.
    fn call(&self, run: Run<J>, args: Args) -> Self::Future;
}

/// A constructor of a [`Handler`]: it takes the components that the function takes after its job.
#[derive(Debug)]
pub struct Handling<F, J> {
    function: F,
    job: PhantomData<fn(J)>,
}

/// Makes a function a constructor of a [`Handler`], for [`Module::contribute`](atlas_core::Module::contribute).
pub fn handler<F, J, Args>(function: F) -> Handling<F, J>
where
    F: Function<J, Args>,
    J: Job,
{
    Handling {
        function,
        job: PhantomData,
    }
}

impl<F, J, Args> Constructor<Args> for Handling<F, J>
where
    F: Function<J, Args>,
    J: Job,
    Args: Clone + Send + Sync + 'static,
{
    type Output = Handler;

    fn call(self, args: Args) -> Handler {
        let function = self.function;
        Handler::named::<J, _, _>(type_name::<F>(), move |run| {
            function.call(run, args.clone())
        })
    }
}

macro_rules! functions {
    ($($P:ident)*) => {
        #[allow(non_snake_case, reason = "the type parameters name the arguments too")]
        impl<F, J, Fut, $($P),*> Function<J, ($($P,)*)> for F
        where
            F: Fn(Run<J>, $($P),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output: IntoOutcome> + Send + 'static,
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
