//! The socket of one connection, seen on its way to hyper.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::Connection;
use super::refusal;

/// A socket that notes what passes through it.
///
/// It also replaces the bare answers that hyper gives by itself to requests it cannot parse (400, 414, 431 without a
/// body) by problems with all headers that every other answer has.
pub(super) struct Socket {
    stream: TcpStream,
    connection: Arc<Connection>,
    /// What is left to write of an answer that replaces hyper's.
    refusal: Bytes,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self {
            stream,
            connection,
            refusal: Bytes::new(),
        }
    }

    /// The bare socket.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Puts an own answer in place of `bytes` when they are one of hyper's; once begun it is written to its end.
    fn replaces(&mut self, bytes: &[u8]) -> bool {
        if !self.refusal.is_empty() {
            return true;
        }
        // what is sent as part of an answer is none of our business, whatever it looks like
        if self.connection.progress.is_answering() {
            return false;
        }
        match automatic(bytes) {
            Some(status) => {
                self.refusal = refusal::render(&self.connection, status);
                true
            }
            None => false,
        }
    }

    /// Writes the own answer; ready when all of it is out.
    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.refusal.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.refusal))?;
            self.refusal.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Pending => self.connection.block(),
            Poll::Ready(Ok(bytes)) => self.connection.progress.took(*bytes as u64),
            Poll::Ready(Err(_)) => {}
        }
    }
}

/// The status of an answer that hyper gives by itself. Ours all carry the request's identifier, its own none.
fn automatic(bytes: &[u8]) -> Option<StatusCode> {
    let rest = bytes.strip_prefix(b"HTTP/1.1 4")?;
    let status = StatusCode::from_bytes(bytes.get(9..12)?).ok()?;
    let ours = rest
        .windows(ID.len())
        .any(|part| part.eq_ignore_ascii_case(ID));
    (!ours && rest.ends_with(b"\r\n\r\n")).then_some(status)
}

const ID: &[u8] = b"\r\nx-request-id:";

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        let new = &buf.filled()[before..];
        if !new.is_empty() {
            this.connection.progress.received(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = if this.replaces(buf) {
            this.poll_refusal(cx).map(|done| done.map(|()| buf.len()))
        } else {
            Pin::new(&mut this.stream).poll_write(cx, buf)
        };
        this.note(&written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match bufs {
            [head] if this.replaces(head) => {
                this.poll_refusal(cx).map(|done| done.map(|()| head.len()))
            }
            _ => Pin::new(&mut this.stream).poll_write_vectored(cx, bufs),
        };
        this.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written all that it holds.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.connection.progress.flushed();
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_hyper_is_replaced() {
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(
            automatic(bare),
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        );
        let ours = b"HTTP/1.1 404 Not Found\r\nX-Request-Id: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(automatic(ours), None);
        assert_eq!(
            automatic(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
            None
        );
        assert_eq!(automatic(b"HTTP/1.1 4"), None);
        assert_eq!(automatic(b"hello"), None);
    }
}
