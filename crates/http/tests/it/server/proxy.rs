//! A small load balancer: it sends new connections to a backend that says it is ready.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// How often a backend is asked whether it is ready.
const PERIOD: Duration = Duration::from_millis(50);

/// A backend, and since when it is not ready.
struct Backend {
    address: SocketAddr,
    ready: bool,
    not_ready_since: Option<Instant>,
}

/// Forwards connections until it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    backends: Arc<Mutex<Vec<Backend>>>,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// A proxy that goes on using a backend for `notices_after` once it is not ready, as real ones do.
    pub(crate) fn start(notices_after: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let backends: Arc<Mutex<Vec<Backend>>> = Arc::default();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let known = Arc::clone(&backends);
        runtime.spawn(async move {
            let mut turn = 0_usize;
            while let Ok((client, _)) = listener.accept().await {
                let target = {
                    let known = known.lock().unwrap();
                    let usable: Vec<SocketAddr> = known
                        .iter()
                        .filter(|it| {
                            it.ready
                                || it
                                    .not_ready_since
                                    .is_some_and(|since| since.elapsed() < notices_after)
                        })
                        .map(|it| it.address)
                        .collect();
                    turn += 1;
                    usable.get(turn % usable.len().max(1)).copied()
                };
                if let Some(target) = target {
                    tokio::spawn(forward(client, target));
                }
            }
        });
        Self {
            address,
            backends,
            runtime: Some(runtime),
        }
    }

    /// Adds a backend, and waits until it is ready.
    pub(crate) fn add(&self, address: SocketAddr) {
        self.backends.lock().unwrap().push(Backend {
            address,
            ready: false,
            not_ready_since: None,
        });
        let backends = Arc::clone(&self.backends);
        self.runtime.as_ref().unwrap().spawn(async move {
            loop {
                let ready = is_ready(address).await;
                {
                    let mut backends = backends.lock().unwrap();
                    for backend in backends.iter_mut().filter(|it| it.address == address) {
                        if backend.ready && !ready {
                            backend.not_ready_since = Some(Instant::now());
                        }
                        backend.ready = ready;
                    }
                }
                tokio::time::sleep(PERIOD).await;
            }
        });
        for _ in 0..1000 {
            if self
                .backends
                .lock()
                .unwrap()
                .iter()
                .any(|it| it.address == address && it.ready)
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the backend never became ready");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Asks the readiness probe on a connection of its own.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let stream = TcpStream::connect(address).await?;
        let request = b"GET /readyz HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
        write(&stream, request).await?;
        let mut answer = [0; 12];
        let mut length = 0;
        while length < answer.len() {
            stream.readable().await?;
            match stream.try_read(&mut answer[length..]) {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok::<_, io::Error>(answer.ends_with(b" 200"))
    };
    ask.await.unwrap_or(false)
}

async fn forward(client: TcpStream, target: SocketAddr) {
    let Ok(backend) = TcpStream::connect(target).await else {
        return;
    };
    // an answer must not be lost because the way there has ended, so each way ends for itself
    let there = pump(&client, &backend);
    let back = pump(&backend, &client);
    tokio::select! {
        () = async { there.await; std::future::pending::<()>().await } => {}
        () = back => {}
    }
}

/// Copies bytes from one socket to the other until there are no more.
async fn pump(from: &TcpStream, to: &TcpStream) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        if from.readable().await.is_err() {
            return;
        }
        match from.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                if write(to, &buffer[..length]).await.is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

async fn write(to: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
