//! What is not HTTP, or only nearly.

use std::collections::VecDeque;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};

use super::app::{Server, Setup};

fn server() -> Server {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/echo", post(|body: Bytes| async move { body }));
    Setup::new(router).start()
}

#[test]
fn what_cannot_be_read_is_answered_with_a_problem_and_closed() {
    let server = server();
    for bytes in [
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /\u{7f} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5_0\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    ] {
        let mut client = server.connect();
        client.send(bytes);
        let answer = client.response("GET");
        answer.problem(400, "malformed");
        assert_eq!(answer.header("connection"), Some("close"), "{bytes:?}");
        assert!(answer.header("date").is_some(), "{bytes:?}");
        assert!(client.rest().is_empty(), "{bytes:?}");
    }
    // they are counted, and the server is well
    let series = r#"http_response_status_code="400""#;
    assert!(server.metrics().contains(series));
    assert_eq!(server.connect().get("/").text(), "hello");
}

#[test]
fn what_follows_a_good_request_is_answered_for_itself() {
    let server = server();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n");
    assert_eq!(client.response("GET").text(), "hello");
    client.response("GET").problem(400, "malformed");
    assert!(client.rest().is_empty());
}

#[test]
fn a_body_that_looks_like_an_answer_is_sent_as_it_is() {
    const STORED: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    let parts = [b"".as_slice(), STORED, STORED, b"end"];
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let router = Router::new().route(
        "/stored",
        get(move || async move {
            let frames = parts.map(Bytes::from_static).into();
            let headers = [("content-length", length.to_string())];
            (
                headers,
                Body::new(Parts {
                    frames,
                    ready: false,
                }),
            )
        }),
    );
    let server = Setup::new(router).start();
    let mut client = server.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/stored").body, parts.concat());
    }
}

/// A body whose parts come one by one.
struct Parts {
    frames: VecDeque<Bytes>,
    ready: bool,
}

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        // pending in between, so that each part is written for itself
        self.ready = !self.ready;
        if self.ready {
            cx.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        let frame = self.frames.pop_front().map(http_body::Frame::data);
        std::task::Poll::Ready(frame.map(Ok))
    }
}

#[test]
fn a_host_is_needed_and_only_one() {
    let server = server();
    for (bytes, detail) in [
        ("GET / HTTP/1.1\r\n\r\n", "the request has no `Host`"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "the request has more than one `Host`",
        ),
    ] {
        let mut client = server.connect();
        client.send(bytes);
        let problem = client.response("GET").problem(400, "malformed");
        assert_eq!(problem["detail"], detail);
    }
}

#[test]
fn a_length_beside_chunks_does_not_smuggle_a_second_request() {
    let server = server();
    let mut client = server.connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    // read as chunks, and the connection closed, as RFC 9112 says: what follows is neither body nor request
    let answer = client.response("POST");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(answer.body.is_empty());
    assert!(client.rest().is_empty());
}

#[test]
fn a_broken_body_ends_the_connection() {
    let server = server();
    for chunks in ["zz\r\nhello\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n\r\n"] {
        let mut client = server.connect();
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send(chunks);
        let answer = client.try_response("POST");
        assert!(!answer.is_ok_and(|it| it.status < 400), "{chunks:?}");
        client.rest();
    }
    assert_eq!(server.connect().get("/").text(), "hello");
}

#[test]
fn odd_but_valid_requests_find_an_answer() {
    let server = server();
    for (line, status) in [
        ("OPTIONS * HTTP/1.1", 404),
        ("GET http://localhost/ HTTP/1.1", 200),
        ("TRACE / HTTP/1.1", 405),
        ("BREW / HTTP/1.1", 405),
        ("GET //  HTTP/1.1", 400),
        ("GET /%2e%2e/ HTTP/1.1", 404),
        ("GET /%00 HTTP/1.1", 404),
    ] {
        let mut client = server.connect();
        client.send(format!("{line}\r\nHost: localhost\r\n\r\n"));
        assert_eq!(client.response("GET").status, status, "{line}");
    }
}

#[test]
fn http_2_is_turned_away() {
    let server = server();
    let mut client = server.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.rest();
    assert_eq!(server.connect().get("/").text(), "hello");
}
