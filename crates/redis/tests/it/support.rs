//! Servers, handles, and ways to break them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use atlas_redis::{Redis, RedisConfig};
use atlas_servers::{Kind, Options, Server, shared, skipped};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// For what must happen some time, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of the test's own; `None` has been said aloud.
pub(crate) fn private() -> Option<Server> {
    Server::start_with(Kind::Redis, Options::new())
        .inspect_err(skipped)
        .ok()
}

/// A handle of the server that all tests share, with keys of the test's own.
pub(crate) fn own_keys() -> Option<Redis> {
    let address = shared(Kind::Redis).inspect_err(skipped).ok()?;
    let config = RedisConfig {
        prefix: address.prefix(),
        ..RedisConfig::at(address.admin_url())
    };
    Some(Redis::new(&config).unwrap())
}

/// A configuration that waits for little.
pub(crate) fn impatient(url: impl Into<String>) -> RedisConfig {
    RedisConfig {
        connect_timeout: atlas_config::Duration::from_secs(1),
        response_timeout: atlas_config::Duration::from_secs(1),
        ..RedisConfig::at(url)
    }
}

/// Tries until it works.
pub(crate) async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !done().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within 60 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Stands before a server and can go dumb, as a network that drops everything; counts those who come.
pub(crate) struct Gate {
    pub(crate) at: SocketAddr,
    came: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// Without a server it takes connections and closes them.
    pub(crate) async fn before(server: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let came = Arc::new(AtomicUsize::new(0));
        let (open, is_open) = watch::channel(true);
        let count = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let mut is_open = is_open.clone();
                tokio::spawn(async move {
                    let Some(port) = server else { return };
                    if is_open.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => return,
                        _ = is_open.wait_for(|open| !open) => {}
                    }
                    // both sides stay open, and nothing passes any more
                    std::future::pending::<()>().await;
                });
            }
        });
        Self { at, came, open }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.at)
    }

    pub(crate) fn came(&self) -> usize {
        self.came.load(Ordering::Relaxed)
    }

    /// Lets nothing through any more, on old connections for ever.
    pub(crate) fn fall_silent(&self) {
        self.open.send_replace(false);
    }

    /// Lets new connections through, and those that came in the meantime.
    pub(crate) fn speak(&self) {
        self.open.send_replace(true);
    }
}
