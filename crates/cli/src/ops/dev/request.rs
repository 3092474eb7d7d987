//! As much of HTTP/1.1 as it takes to say that the service is not there.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use super::page::Page;

/// How long a client may take to send its request's head, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of a request is read before it is answered anyway.
const HEAD_LIMIT: u64 = 32 * 1024;

/// Answers the one request on `stream` with `page` and closes.
pub(super) fn answer(mut stream: TcpStream, page: &Page) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(&mut stream)?;
    let (kind, body) = if wants_html(&head) {
        ("text/html; charset=utf-8", page.html())
    } else {
        ("application/problem+json", page.problem())
    };
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\
         cache-control: no-store\r\nretry-after: 1\r\natlas-dev: {}\r\nx-content-type-options: nosniff\r\n\
         content-security-policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'\r\n\r\n{}",
        body.len(),
        page.number,
        if head.starts_with("HEAD ") { "" } else { &body },
    );
    stream.write_all(answer.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    // Closing with unread bytes would reset the connection and take the answer with it.
    std::io::copy(&mut stream.take(1024 * 1024), &mut std::io::sink())?;
    Ok(())
}

/// Everything up to the empty line, or up to the limit.
fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    let mut limited = stream.take(HEAD_LIMIT);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match limited.read(&mut piece)? {
            0 => break,
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A browser that asks for a page says `text/html`; a script's `fetch` and `curl` say `*/*`.
fn wants_html(head: &str) -> bool {
    head.lines().skip(1).any(|line| {
        line.split_once(':').is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("accept") && value.to_ascii_lowercase().contains("text/html")
        })
    })
}
