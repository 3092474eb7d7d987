//! Work that is seen through although its caller goes away.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use atlas_core::scope;
use tokio::runtime::Handle;

/// Runs `work` in the caller's task. When the caller is dropped while the work is on its way, a task of its own brings it
/// to its end: a `COMMIT` that was sent will be followed by what belongs to it, and a `BEGIN` does not go back to the pool
/// unseen.
pub(super) fn shield<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Shield<T> {
    Shield {
        work: Some(Box::pin(work)),
        started: false,
    }
}

/// The future of [`shield`].
pub(super) struct Shield<T: Send + 'static> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    started: bool,
}

impl<T: Send + 'static> Future for Shield<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.started = true;
        // taken out, so that a panic leaves nothing that could be polled again
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let answer = work.as_mut().poll(context);
        self.work = answer.is_pending().then_some(work);
        answer
    }
}

impl<T: Send + 'static> Drop for Shield<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && self.started
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(scope::inherit(work));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_is_brought_to_its_end() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel();
        let mut work = shield(async move {
            gone.await.unwrap();
            done.send(7).unwrap();
        });
        let poll = Pin::new(&mut work).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        drop(work);
        go.send(()).unwrap();
        assert_eq!(finished.await, Ok(7));
    }

    #[tokio::test]
    async fn what_was_never_begun_is_dropped() {
        let (done, finished) = oneshot::channel::<()>();
        drop(shield(async move { done.send(()) }));
        assert!(finished.await.is_err());
    }
}
