//! What a constructor may return, and how it becomes a value.

use std::{any::Any, future::Future, pin::Pin};

use super::Component;
use crate::BoxError;

pub(crate) type Value = Box<dyn Any + Send + Sync>;
type Later = Pin<Box<dyn Future<Output = Result<Option<Value>, BoxError>> + Send>>;

/// Marks what a function returns at once.
pub enum Ready {}

/// Marks what a function returns as a future.
pub enum Eventually {}

/// What a constructor made: a value, an error, or the future of either.
pub struct Settled(pub(crate) Progress);

pub(crate) enum Progress {
    Now(Result<Option<Value>, BoxError>),
    Later(Later),
}

impl Settled {
    fn value(value: impl Component) -> Self {
        Self(Progress::Now(Ok(Some(Box::new(value)))))
    }

    fn nothing() -> Self {
        Self(Progress::Now(Ok(None)))
    }

    fn failed(error: impl Into<BoxError>) -> Self {
        Self(Progress::Now(Err(error.into())))
    }

    fn later(
        future: impl Future<Output = Result<Option<Value>, BoxError>> + Send + 'static,
    ) -> Self {
        Self(Progress::Later(Box::pin(future)))
    }

    /// The result, if it is there already.
    pub(crate) fn now(self) -> Result<Result<Option<Value>, BoxError>, Self> {
        match self.0 {
            Progress::Now(result) => Ok(result),
            later @ Progress::Later(_) => Err(Self(later)),
        }
    }

    pub(crate) async fn finish(self) -> Result<Option<Value>, BoxError> {
        match self.0 {
            Progress::Now(result) => result,
            Progress::Later(future) => future.await,
        }
    }
}

/// What a constructor may return: a component `T`, `Result<T, E>` with any error, or a `Send` future of either.
///
/// `Kind` is inferred; it keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "a constructor cannot return `{Self}`",
    label = "not something a constructor can return",
    note = "return a component `T`, `Result<T, E>` with any error, or a `Send` future of either",
    note = "mark a type of yours `#[derive(Clone, Component)]`, or share any other as `Arc<{Self}>`"
)]
pub trait Output<Kind>: Sized {
    /// What is shared.
    type Component: Component;

    /// Turns what was returned into a value of the graph.
    fn settle(self) -> Settled
    where
        Self: Send;
}

impl<T: Component> Output<Ready> for T {
    type Component = T;

    fn settle(self) -> Settled {
        Settled::value(self)
    }
}

impl<T: Component, E: Into<BoxError>> Output<Ready> for Result<T, E> {
    type Component = T;

    fn settle(self) -> Settled {
        match self {
            Ok(value) => Settled::value(value),
            Err(error) => Settled::failed(error),
        }
    }
}

impl<F: Future<Output: Output<Ready> + Send> + 'static> Output<Eventually> for F {
    type Component = <F::Output as Output<Ready>>::Component;

    fn settle(self) -> Settled
    where
        Self: Send,
    {
        Settled::later(async move { self.await.settle().finish().await })
    }
}

/// What an invoked function, a process or a hook may return: `()`, `Result<(), E>` with any error, or a future of
/// either.
#[diagnostic::on_unimplemented(
    message = "an invoked function cannot return `{Self}`",
    label = "neither `()` nor `Result<(), E>`",
    note = "return `()`, `Result<(), E>` with any error, or a `Send` future of either; to share a value, `provide` it"
)]
pub trait Effect<Kind>: Sized {
    /// Turns what was returned into success or an error.
    fn settle(self) -> Settled
    where
        Self: Send;
}

impl Effect<Ready> for () {
    fn settle(self) -> Settled {
        Settled::nothing()
    }
}

impl<E: Into<BoxError>> Effect<Ready> for Result<(), E> {
    fn settle(self) -> Settled {
        match self {
            Ok(()) => Settled::nothing(),
            Err(error) => Settled::failed(error),
        }
    }
}

impl<F: Future<Output: Effect<Ready> + Send> + 'static> Effect<Eventually> for F {
    fn settle(self) -> Settled
    where
        Self: Send,
    {
        Settled::later(async move { self.await.settle().finish().await })
    }
}
