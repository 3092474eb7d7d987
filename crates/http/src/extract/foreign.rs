//! Arguments that axum and `http` bring: they are taken as they are, and add nothing to the document.

use axum::Extension;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;

use super::body;
use crate::problem::{Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

impl<S: Sync, T: FromRef<S> + Send> Argument<S> for State<T> {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), _: &mut Incoming<'_>, state: &S) -> Result<Self> {
        Ok(Self(T::from_ref(state)))
    }
}

impl<S: Sync> Argument<S> for HeaderMap {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        Ok(request.parts.headers.clone())
    }
}

impl<S: Sync> Argument<S> for Method {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        Ok(request.parts.method.clone())
    }
}

impl<S: Sync> Argument<S> for Uri {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        Ok(request.parts.uri.clone())
    }
}

/// A value that a middleware has put into the request; 500 when none has.
impl<S: Sync, T: Clone + Send + Sync + 'static> Argument<S> for Extension<T> {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        match request.parts.extensions.get::<T>() {
            Some(value) => Ok(Self(value.clone())),
            None => {
                let missing = std::any::type_name::<T>();
                tracing::error!(target: "atlas::http", missing, "no middleware has set the extension that the handler asks for");
                Err(Problem::internal().into())
            }
        }
    }
}

/// The whole body, of any media type.
impl<S: Sync> Argument<S> for Bytes {
    type Plan = ();

    fn plan(operation: &mut Operation) {
        operation.body::<Vec<u8>>("application/octet-stream");
        operation.problem(413);
    }

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        body::read(request).await
    }
}

/// The request with its body as a stream.
impl<S: Sync> Argument<S> for Request {
    type Plan = ();

    fn plan(_: &mut Operation) {}

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let body = request.take_body();
        Ok(Self::from_parts(request.parts.clone(), body))
    }
}
