//! What is done once a transaction is committed.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use atlas_core::BoxError;

/// Something to do after a commit.
pub(crate) struct Hook(Box<dyn FnOnce() -> Work + Send>);

type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

impl Hook {
    /// Keeps what to do.
    pub(super) fn new<F, Fut>(work: F) -> Self
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        Self(Box::new(move || {
            let work = work();
            Box::pin(async move { work.await.into_result() })
        }))
    }

    /// Does it. What goes wrong is logged: nobody can take the commit back.
    pub(super) async fn run(self) {
        let failure = match caught(self.0).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("panicked: {}", words(&*panic)),
        };
        tracing::error!(target: "atlas::db", error = failure, "a hook failed after its transaction was committed");
    }
}

/// Runs hooks one after the other, in the order in which they were left.
pub(super) async fn run(hooks: Vec<Hook>) {
    for hook in hooks {
        hook.run().await;
    }
}

/// Runs work up to its end or its panic.
async fn caught(
    begin: Box<dyn FnOnce() -> Work + Send>,
) -> Result<Result<(), BoxError>, Box<dyn Any + Send>> {
    let mut work = catch_unwind(AssertUnwindSafe(begin))?;
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Err(panic) => Poll::Ready(Err(panic)),
        },
    )
    .await
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}

/// What a hook may return: nothing, or a result whose error is logged.
pub trait Outcome {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), BoxError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}
