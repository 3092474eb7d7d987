//! One connection, from accept to close.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use super::alarm::Alarm;
use super::drain::Stage;
use super::progress::Progress;
use super::refusal;
use super::service::Service;
use super::shared::Shared;
use super::socket::Socket;
use super::state::{BodyState, Overdue, Phase, Verdict};

/// How long a connection that ends before its client was done is still read from. Closing at once would make the
/// client's system throw away the answer that it has not read yet.
const LINGER: Duration = Duration::from_secs(2);

/// What the parts of one connection share.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: IpAddr,
    /// The peer as text, for the log.
    pub(super) peer_text: String,
    /// Whether the peer is one of the trusted proxies.
    pub(super) trusted: bool,
    pub(super) progress: Progress,
}

impl Connection {
    fn new(peer: IpAddr, shared: Arc<Shared>) -> Self {
        let peer = peer.to_canonical();
        Self {
            peer,
            peer_text: peer.to_string(),
            trusted: shared.trust.contains(peer),
            progress: Progress::new(shared.clock.now()),
            shared,
        }
    }

    /// Notes that the client does not read what is written to it.
    pub(super) fn block(&self) {
        self.progress.block(|| self.shared.clock.now());
    }
}

/// How a connection came to its end.
enum End {
    /// In the course of HTTP; a client may still be sending.
    Done,
    /// The head of a request did not come in time.
    HeadTimeout,
    /// There is nothing left to say.
    Silent,
}

type Http = http1::UpgradeableConnection<TokioIo<Socket>, Service>;

/// Serves one connection until it is closed.
pub(super) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    http: http1::Builder,
    shared: Arc<Shared>,
) {
    let connection = Arc::new(Connection::new(peer, shared));
    let _open = Open::count(&connection.shared.metrics.connections);
    let socket = Socket::new(stream, Arc::clone(&connection));
    let service = Service::new(Arc::clone(&connection));
    let mut http = http
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();

    let end = run(&mut http, &connection).await;

    let Some(parts) = http.into_parts() else {
        // another protocol goes on with it
        return;
    };
    let mut stream = parts.io.into_inner().into_stream();
    match end {
        End::Done if connection.progress.body() != BodyState::Done => linger(&mut stream).await,
        End::Done if connection.progress.phase() == Phase::Head => linger(&mut stream).await,
        End::HeadTimeout => {
            let answer = refusal::render(&connection, StatusCode::REQUEST_TIMEOUT);
            // a client that takes nothing gets nothing; waiting is what it failed at
            let _ = stream.try_write(&answer);
        }
        End::Done | End::Silent => {}
    }
}

/// Turns a connection away: there are as many as there may be.
pub(super) async fn refuse(mut stream: TcpStream, peer: IpAddr, shared: Arc<Shared>) {
    let connection = Connection::new(peer, shared);
    let answer = refusal::render(&connection, StatusCode::SERVICE_UNAVAILABLE);
    // a new socket has room for it
    if stream.try_write(&answer).is_ok() {
        linger(&mut stream).await;
    }
}

/// One open connection, for as long as it lives.
struct Open<'a>(&'a AtomicI64);

impl<'a> Open<'a> {
    fn count(gauge: &'a AtomicI64) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

async fn run(http: &mut Http, connection: &Connection) -> End {
    let drain = &connection.shared.drain;
    let mut closing = pin!(drain.closing());
    let mut cancelled = pin!(drain.cancelled());
    let mut waits = false;
    let mut watch = Watch {
        connection,
        alarm: Alarm::new(connection.shared.clock.epoch()),
        told: false,
    };
    poll_fn(|cx| {
        // polled once, they wake this task, which then looks at the stage; a connection keeps its task
        if !waits {
            waits = true;
            let _ = closing.as_mut().poll(cx);
            let _ = cancelled.as_mut().poll(cx);
        }
        watch.poll(http, cx)
    })
    .await
}

/// Drives HTTP on one connection and keeps to its deadlines.
struct Watch<'a> {
    connection: &'a Connection,
    alarm: Alarm,
    /// HTTP was told to end with the request in flight.
    told: bool,
}

impl Watch<'_> {
    fn poll(&mut self, http: &mut Http, cx: &mut Context<'_>) -> Poll<End> {
        let (shared, progress) = (&self.connection.shared, &self.connection.progress);
        if self.alarm.rang() {
            match progress.overdue(&shared.limits, shared.clock.now()) {
                None => {}
                Some(Overdue::Idle | Overdue::Write) => return Poll::Ready(End::Silent),
                Some(Overdue::Head) => return Poll::Ready(End::HeadTimeout),
                // the answer has begun, so it is too late to say anything else
                Some(Overdue::Body) if progress.phase() == Phase::Writing => {
                    return Poll::Ready(End::Silent);
                }
                Some(Overdue::Body) => progress.judge(Verdict::Body),
                Some(Overdue::Handler) => progress.judge(Verdict::Handler),
            }
        }
        let stage = shared.drain.stage();
        if stage >= Stage::Closing {
            self.close(stage, http);
        }
        if Pin::new(&mut *http).poll(cx).is_ready() {
            return Poll::Ready(End::Done);
        }
        if stage == Stage::Cancelled {
            // the request in flight was answered above, if a single write was enough for it
            return Poll::Ready(End::Silent);
        }
        progress.stamp(|| shared.clock.now());
        let mut deadline = progress.deadline(&shared.limits);
        if stage == Stage::Closing && !self.told {
            deadline = deadline.min(shared.drain.linger_until());
        }
        self.alarm.at_latest(deadline, cx);
        Poll::Pending
    }

    /// Ends the connection: after the request in flight, or when none has come in time.
    fn close(&mut self, stage: Stage, http: &mut Http) {
        let progress = &self.connection.progress;
        let busy = progress.phase().is_busy();
        if stage == Stage::Cancelled && busy {
            progress.judge(Verdict::Cancelled);
        }
        let shared = &self.connection.shared;
        let time_is_up =
            stage == Stage::Cancelled || shared.clock.now() >= shared.drain.linger_until();
        if !self.told && (busy || time_is_up) {
            self.told = true;
            Pin::new(http).graceful_shutdown();
        }
    }
}

/// Says that nothing more will come, and reads and forgets what the client still sends, so that it gets to read the answer.
async fn linger(stream: &mut TcpStream) {
    let drained = async {
        // a client that is gone already is no news
        let _ = poll_fn(|cx| Pin::new(&mut *stream).poll_shutdown(cx)).await;
        let mut scrap = vec![0; 16 * 1024];
        loop {
            if stream.readable().await.is_err() {
                return;
            }
            match stream.try_read(&mut scrap) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, drained).await;
}
