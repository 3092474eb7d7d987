//! The body of a request, within its limits.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::connection::Connection;
use super::metrics::Verb;
use super::state::{BodyState, Verdict};

/// The body of a request: counted, cut off at the limit, and given up when it does not arrive in time.
pub(super) struct RequestBody {
    connection: Arc<Connection>,
    incoming: Incoming,
    verb: Verb,
    /// The limit; 0 until the body is asked for, because only then the route is known that may have its own.
    limit: u64,
    left: u64,
}

/// Why a request's body ends before its time.
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError {
    /// It is larger than `http.max_body_bytes`; the server answers 413.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It did not arrive within `http.body_timeout`; the server answers 408.
    TimedOut,
    /// The client broke it off, or sent what is not a body.
    Broken(hyper::Error),
}

impl RequestBody {
    pub(super) fn new(connection: Arc<Connection>, incoming: Incoming, verb: Verb) -> Self {
        Self {
            connection,
            incoming,
            verb,
            limit: 0,
            left: 0,
        }
    }

    fn settle_limit(&mut self) {
        let shared = &self.connection.shared;
        let own = shared.overrides.current(self.verb).unwrap_or_default();
        self.limit = own.body.unwrap_or(shared.limits.body_bytes);
        self.left = self.limit;
        if let Some(limit) = own.body_time {
            self.connection.progress.limit_body(limit);
        }
    }

    fn too_large(&self) -> BodyError {
        self.connection.progress.set_body(BodyState::TooLarge);
        BodyError::TooLarge { limit: self.limit }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if this.limit == 0 {
            this.settle_limit();
        }
        let progress = &this.connection.progress;
        if progress.verdict() == Verdict::Body {
            return Poll::Ready(Some(Err(BodyError::TimedOut)));
        }
        // also a length that is only announced: nothing of it is read, and no `100 Continue` asks for it
        if progress.body() == BodyState::TooLarge || this.incoming.size_hint().lower() > this.left {
            return Poll::Ready(Some(Err(this.too_large())));
        }
        match ready!(Pin::new(&mut this.incoming).poll_frame(cx)) {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                if length > this.left {
                    return Poll::Ready(Some(Err(this.too_large())));
                }
                this.left -= length;
                progress.count(length);
                if this.incoming.is_end_stream() {
                    progress.set_body(BodyState::Done);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(BodyError::Broken(error)))),
            None => {
                progress.set_body(BodyState::Done);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Once no one reads the body, its time does not count any more.
impl Drop for RequestBody {
    fn drop(&mut self) {
        let progress = &self.connection.progress;
        if progress.body() == BodyState::Reading {
            progress.set_body(BodyState::Abandoned);
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is larger than {limit} bytes"),
            Self::TimedOut => f.write_str("the body did not arrive in time"),
            Self::Broken(_) => f.write_str("the body broke off"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(error) => Some(error),
            Self::TooLarge { .. } | Self::TimedOut => None,
        }
    }
}
