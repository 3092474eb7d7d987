//! A load of HTTP/1.1 keep-alive connections, each with one request under way.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What the clients saw.
pub(crate) struct Seen {
    /// Answers per second.
    pub(crate) per_second: f64,
    /// Answers in all.
    pub(crate) requests: u64,
    /// Latencies in microseconds, sorted.
    pub(crate) latencies: Vec<u32>,
}

impl Seen {
    /// The latency that this share of the requests did not exceed, in microseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64 - 1.0) * share).round() as usize;
        f64::from(self.latencies[index])
    }
}

/// Asks for `path` on so many connections for so long.
pub(crate) fn run(
    address: SocketAddr,
    path: &str,
    connections: usize,
    duration: Duration,
) -> Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let started = Instant::now();
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..connections {
            clients.spawn(client(address, path.to_owned(), started + duration));
        }
        let mut latencies = Vec::new();
        while let Some(one) = clients.join_next().await {
            latencies.extend(one??);
        }
        let seconds = started.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let requests = latencies.len() as u64;
        Ok(Seen {
            per_second: requests as f64 / seconds,
            requests,
            latencies,
        })
    })
}

async fn client(address: SocketAddr, path: String, until: Instant) -> Result<Vec<u32>> {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n");
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::with_capacity(65_536);
    let mut buffer = Vec::with_capacity(16_384);
    while Instant::now() < until {
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream, &mut buffer).await?;
        latencies.push(u32::try_from(sent.elapsed().as_micros())?);
    }
    Ok(latencies)
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let Some(end_of_head) = find(buffer, b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end_of_head])?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!(
                "not a good answer: {}",
                head.lines().next().unwrap_or_default()
            );
        }
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer without `content-length`")?
            .1
            .trim()
            .parse()?;
        while buffer.len() < end_of_head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                bail!("the server closed the connection in a body");
            }
        }
        return Ok(());
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
