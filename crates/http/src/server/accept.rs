//! The accept loop: takes connections in, whatever happens.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use super::connection;
use super::limits::Limits;
use super::shared::Shared;

/// How long nothing is accepted after the system ran out of something, such as file descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// How often an accept error is logged at most.
const SPEAK: Duration = Duration::from_secs(10);
/// The most connections that are told 503 at the same time; any more are closed without a word.
const REFUSALS: usize = 64;

/// How many headers hyper keeps room for without asking the heap.
const HEADERS_INLINE: usize = 100;

/// Takes connections in: serves each in a task of its own, or turns it away.
pub(super) struct Door {
    http: http1::Builder,
    shared: Arc<Shared>,
    connections: TaskTracker,
    refusing: Arc<AtomicUsize>,
}

impl Door {
    pub(super) fn new(shared: Arc<Shared>, connections: TaskTracker) -> Self {
        Self {
            http: http(&shared.limits),
            shared,
            connections,
            refusing: Arc::default(),
        }
    }

    /// Accepts connections for as long as it is polled.
    pub(super) async fn accept(&self, listener: &TcpListener) -> Infallible {
        let mut silent_until = None;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.admit(stream, peer.ip()),
                Err(error) => {
                    self.shared.metrics.accept_errors.fetch_add(1, Relaxed);
                    if of_client(&error) {
                        continue;
                    }
                    let now = Instant::now();
                    if silent_until.is_none_or(|until| now >= until) {
                        silent_until = Some(now + SPEAK);
                        tracing::error!(
                            target: "atlas::http",
                            error = &error as &dyn std::error::Error,
                            open = self.connections.len(),
                            "connections cannot be accepted; trying on. If files ran out, raise `ulimit -n` or lower `http.max_connections`",
                        );
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Accepts what has connected already, and closes the listener. Its clients have been told that they are connected,
    /// so closing without this would break off what they have sent.
    pub(super) fn close(&self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.admit(stream, peer.ip());
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: IpAddr) {
        // a delayed answer helps no one; a socket that refuses the wish is served all the same
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&self.shared);
        if self.connections.len() < shared.limits.connections {
            let http = self.http.clone();
            self.connections
                .spawn(connection::serve(stream, peer, http, shared));
            return;
        }
        shared.metrics.connections_refused.fetch_add(1, Relaxed);
        if self.refusing.fetch_add(1, Relaxed) < REFUSALS {
            let refusing = Arc::clone(&self.refusing);
            tokio::spawn(async move {
                connection::refuse(stream, peer, shared).await;
                refusing.fetch_sub(1, Relaxed);
            });
        } else {
            self.refusing.fetch_sub(1, Relaxed);
        }
    }
}

/// Whether the error is about the one connection that was to be accepted, and says nothing about the next.
fn of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
    )
}

fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // the connection's own timer tells a slow head from an idle connection; hyper's has one limit for both
    http.header_read_timeout(None)
        .max_header_size(limits.head_bytes);
    if limits.header_count != HEADERS_INLINE {
        http.max_headers(limits.header_count);
    }
    http
}
