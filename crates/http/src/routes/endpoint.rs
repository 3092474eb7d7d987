//! A handler together with what was worked out from its signature: what axum calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use super::{Arguments, Handler, Incoming, Reply, Site};
use crate::conditional::Known;
use crate::extract::accept;
use crate::problem::Problem;

/// A handler and its plans.
pub(super) struct Endpoint<H, Plans> {
    handler: H,
    prepared: Arc<Prepared<Plans>>,
}

struct Prepared<Plans> {
    plans: Plans,
    site: Arc<Site>,
}

impl<H, Plans> Endpoint<H, Plans> {
    pub(super) fn new(handler: H, plans: Plans, site: Arc<Site>) -> Self {
        let prepared = Arc::new(Prepared { plans, site });
        Self { handler, prepared }
    }
}

impl<H: Clone, Plans> Clone for Endpoint<H, Plans> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            prepared: Arc::clone(&self.prepared),
        }
    }
}

impl<H, Args, S> axum::handler::Handler<(Args,), S> for Endpoint<H, Args::Plans>
where
    H: Handler<Args>,
    H::Future: Future<Output: Reply> + Send,
    Args: Arguments<S>,
    S: Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let Self { handler, prepared } = self;
            prepared.site.note();
            let (parts, body) = request.into_parts();
            if let Some(media) = <<H::Future as Future>::Output as Reply>::MEDIA
                && !accept::admits(&parts.headers, media)
            {
                return Problem::not_acceptable(media).into_response();
            }
            let known = Known::of(&parts);
            let mut incoming = Incoming::new(parts, body, &prepared.site);
            let args = Args::take(&prepared.plans, &mut incoming, &state).await;
            drop(incoming);
            let response = match args {
                Ok(args) => handler.call(args).await.respond(),
                Err(error) => error.into_response(),
            };
            match known {
                Some(known) => known.spare(response),
                None => response,
            }
        })
    }
}
