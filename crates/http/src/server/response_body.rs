//! The body of an answer, counted on its way out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::exchange::{Exchange, within};
use super::metrics::Failure;

/// The body of an answer. The request is over when this is dropped.
pub(super) struct ResponseBody {
    body: Body,
    exchange: Exchange,
    state: State,
}

/// What a body gives when it is asked for more.
type Polled = Poll<Option<Result<Frame<Bytes>, axum::Error>>>;

#[derive(PartialEq, Eq)]
enum State {
    /// Nobody asked for it yet; perhaps nobody will, as for `HEAD`.
    Untouched,
    Begun,
    Complete,
}

impl ResponseBody {
    pub(super) fn new(body: Body, exchange: Exchange) -> Self {
        Self {
            body,
            exchange,
            state: State::Untouched,
        }
    }

    /// Asks the body for more, inside the request's context when someone's code makes it as it goes.
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> std::thread::Result<Polled> {
        let body = &mut self.body;
        if http_body::Body::size_hint(body).exact().is_some() {
            return catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx)));
        }
        let Some(context) = self.exchange.context.take() else {
            return catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx)));
        };
        let (polled, context) = within(context, || {
            catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx)))
        });
        self.exchange.context = Some(context);
        polled
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        this.state = State::Begun;
        let frame = match this.poll_inner(cx) {
            Ok(polled) => ready!(polled),
            Err(_) => {
                this.exchange
                    .connection
                    .shared
                    .metrics
                    .panics
                    .fetch_add(1, Relaxed);
                this.exchange.failure = Some(Failure::Panic);
                // the panic hook has logged it
                let error = std::io::Error::other("the body of the answer panicked");
                return Poll::Ready(Some(Err(axum::Error::new(error))));
            }
        };
        match &frame {
            Some(Ok(frame)) => {
                this.exchange.sent += frame.data_ref().map_or(0, |data| data.len() as u64);
                if this.body.is_end_stream() {
                    this.state = State::Complete;
                }
            }
            Some(Err(error)) => {
                let error: &dyn std::error::Error = error;
                tracing::error!(target: "atlas::http", error, "the body of an answer failed; it is cut off");
            }
            None => this.state = State::Complete,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        if self.state == State::Begun && self.exchange.failure.is_none() {
            self.exchange.failure = Some(self.exchange.broken_off());
        }
    }
}
