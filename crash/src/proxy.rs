//! The wire between processes and a server.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// A wire to a server on this machine that a case may slow down, silence and tear. Dropping it cuts it.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    wire: Arc<Wire>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Wire {
    server: SocketAddr,
    /// Nothing goes through.
    silent: watch::Sender<bool>,
    /// Goes up whenever all connections are cut.
    cuts: watch::Sender<u64>,
    /// How long each way takes, in milliseconds.
    late: AtomicUsize,
    /// How many replies still go through before all are kept back; negative when none is.
    replies: AtomicI64,
    withheld: AtomicBool,
    /// How many of the next replies end in their middle, and their connections with them.
    tears: AtomicUsize,
    torn: AtomicUsize,
    connections: AtomicUsize,
}

impl Proxy {
    /// A wire to the server at this port of this machine.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let wire = Arc::new(Wire {
            server: SocketAddr::from(([127, 0, 0, 1], port)),
            silent: watch::Sender::new(false),
            cuts: watch::Sender::new(0),
            late: AtomicUsize::new(0),
            replies: AtomicI64::new(-1),
            withheld: AtomicBool::new(false),
            tears: AtomicUsize::new(0),
            torn: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        });
        let port = listener.local_addr()?.port();
        let task = tokio::spawn({
            let wire = Arc::clone(&wire);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    wire.connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(Arc::clone(&wire).connect(client));
                }
            }
        });
        Ok(Self { port, wire, task })
    }

    /// The port of this machine where it begins.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often somebody connected, also while the server was away.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.wire.connections.load(Ordering::SeqCst)
    }

    /// Each way takes so much longer from now on.
    pub fn delay(&self, way: Duration) {
        let millis = usize::try_from(way.as_millis()).unwrap_or(usize::MAX);
        self.wire.late.store(millis, Ordering::SeqCst);
    }

    /// Forwards nothing any more, and says so to nobody: a network that drops every packet.
    pub fn fall_silent(&self) {
        self.wire.silent.send_replace(true);
    }

    /// Forwards again, what was held back included.
    pub fn speak(&self) {
        self.wire.silent.send_replace(false);
    }

    /// Keeps all replies back but the next so many, until [`cut`](Self::cut).
    pub fn withhold_after(&self, replies: u32) {
        self.wire.withheld.store(false, Ordering::SeqCst);
        self.wire.replies.store(replies.into(), Ordering::SeqCst);
    }

    /// Says whether a reply was kept back since that was asked for.
    #[must_use]
    pub fn has_withheld(&self) -> bool {
        self.wire.withheld.load(Ordering::SeqCst)
    }

    /// Ends the next reply in its middle, by a reset of its connection.
    pub fn tear(&self) {
        self.wire.tears.store(1, Ordering::SeqCst);
    }

    /// How many replies were torn.
    #[must_use]
    pub fn torn(&self) -> usize {
        self.wire.torn.load(Ordering::SeqCst)
    }

    /// Resets all connections; what was kept back is lost, and new ones are as they were.
    pub fn cut(&self) {
        self.wire.replies.store(-1, Ordering::SeqCst);
        self.wire.cuts.send_modify(|it| *it += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

impl Wire {
    async fn connect(self: Arc<Self>, mut client: TcpStream) {
        let mut cuts = self.cuts.subscribe();
        let Ok(mut server) = TcpStream::connect(self.server).await else {
            return;
        };
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            () = self.forward(from_client, to_server, false) => {}
            () = self.forward(from_server, to_client, true) => {}
            _ = cuts.changed() => {}
        }
        // whoever reads on gets a reset and no end
        let _ = client.set_zero_linger();
    }

    async fn forward(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        is_reply: bool,
    ) {
        let mut silent = self.silent.subscribe();
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            sleep(self.late()).await;
            if silent.wait_for(|silent| !silent).await.is_err() {
                return;
            }
            if is_reply && self.is_withheld() {
                return std::future::pending().await;
            }
            let torn = is_reply && length > 1 && self.is_torn();
            let whole = if torn { length / 2 } else { length };
            if to.write_all(&buffer[..whole]).await.is_err() || torn {
                return;
            }
        }
    }

    fn late(&self) -> Duration {
        Duration::from_millis(self.late.load(Ordering::SeqCst) as u64)
    }

    /// Counts a reply; says whether it is one to keep back.
    fn is_withheld(&self) -> bool {
        let one_less = |left: i64| (left > 0).then(|| left - 1);
        let order = Ordering::SeqCst;
        let Err(left) = self.replies.fetch_update(order, order, one_less) else {
            return false;
        };
        if left == 0 {
            self.withheld.store(true, order);
        }
        left == 0
    }

    fn is_torn(&self) -> bool {
        let order = Ordering::SeqCst;
        let torn = self
            .tears
            .fetch_update(order, order, |it| it.checked_sub(1));
        if torn.is_ok() {
            self.torn.fetch_add(1, order);
        }
        torn.is_ok()
    }
}
