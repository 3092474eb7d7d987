//! What takes too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use atlas_config::Duration as Wait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};

use super::app::Setup;
use super::client::head;

/// Tells whether the future that owns it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

fn setup() -> Setup {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/echo", post(|body: Bytes| async move { body }));
    Setup::new(router)
}

#[test]
fn a_head_that_trickles_in_is_cut_off_with_408() {
    let server = setup()
        .config(|config| config.header_timeout = Wait::from_millis(400))
        .start();
    let mut client = server.connect();
    let begun = Instant::now();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    // a byte now and then does not buy more time
    while begun.elapsed() < Duration::from_millis(300) {
        // a slow machine may have closed it by now
        let _ = client.try_send("x");
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = client.response("GET");
    answer.problem(408, "request_timeout");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(
        begun.elapsed() >= Duration::from_millis(390),
        "{:?}",
        begun.elapsed()
    );
    assert!(client.rest().is_empty());
}

#[test]
fn a_slow_head_on_a_used_connection_is_cut_off_too() {
    let server = setup()
        .config(|config| config.header_timeout = Wait::from_secs(2))
        .start();
    let mut client = server.connect();
    assert_eq!(client.get("/").status, 200);
    client.send("GET / HTTP/1.1\r\n");
    client.response("GET").problem(408, "request_timeout");
}

#[test]
fn a_client_that_connects_and_says_nothing_is_left_without_a_word() {
    let server = setup()
        .config(|config| config.header_timeout = Wait::from_millis(200))
        .start();
    let mut client = server.connect();
    let begun = Instant::now();
    assert!(client.rest().is_empty());
    assert!(
        begun.elapsed() >= Duration::from_millis(150),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let server = setup()
        .config(|config| config.idle_timeout = Wait::from_secs(3))
        .start();
    let mut busy = server.connect();
    let mut idle = server.connect();
    assert_eq!(idle.get("/").status, 200);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        assert_eq!(busy.get("/").status, 200);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(idle.rest().is_empty());
    assert_eq!(busy.get("/").status, 200);
}

#[test]
fn the_time_between_requests_may_be_longer_than_the_time_for_a_head() {
    let server = setup()
        .config(|config| config.header_timeout = Wait::from_secs(2))
        .start();
    let mut client = server.connect();
    assert_eq!(client.get("/").status, 200);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn a_body_that_stays_away_is_answered_with_408() {
    let server = setup()
        .config(|config| config.body_timeout = Wait::from_millis(300))
        .start();
    let mut client = server.connect();
    client.send(head("POST", "/echo", &[("Content-Length", "10")]));
    client.send("abc");
    let begun = Instant::now();
    client.response("POST").problem(408, "request_timeout");
    assert!(
        begun.elapsed() >= Duration::from_millis(250),
        "{:?}",
        begun.elapsed()
    );
    assert!(client.rest().is_empty());
}

#[test]
fn a_body_that_trickles_in_gets_no_more_time_by_it() {
    let server = setup()
        .config(|config| config.body_timeout = Wait::from_millis(400))
        .start();
    let mut client = server.connect();
    client.send(head("POST", "/echo", &[("Transfer-Encoding", "chunked")]));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(300) {
        let _ = client.try_send("1\r\nx\r\n");
        std::thread::sleep(Duration::from_millis(20));
    }
    client.response("POST").problem(408, "request_timeout");
}

#[test]
fn a_handler_that_takes_too_long_is_dropped_and_the_connection_lives() {
    let dropped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&dropped);
    let router = Router::new().route("/", get(|| async { "hello" })).route(
        "/hang",
        get(move || {
            let guard = Dropped(Arc::clone(&seen));
            async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            }
        }),
    );
    let server = Setup::new(router)
        .config(|config| config.handler_timeout = Wait::from_millis(300))
        .start();
    let mut client = server.connect();
    let begun = Instant::now();
    let answer = client.get("/hang");
    answer.problem(503, "handler_timeout");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(
        begun.elapsed() >= Duration::from_millis(290),
        "{:?}",
        begun.elapsed()
    );
    assert!(dropped.load(SeqCst), "the handler still runs");
    assert_eq!(client.get("/").status, 200);
    assert!(server.metrics().contains(r#"error_type="timeout""#));
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let dropped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&dropped);
    let router = Router::new().route(
        "/endless",
        get(move || {
            let guard = Dropped(Arc::clone(&seen));
            async move { Body::new(Endless(guard)) }
        }),
    );
    let server = Setup::new(router)
        .config(|config| config.write_timeout = Wait::from_millis(300))
        .start();
    let mut client = server.connect();
    client.send(head("GET", "/endless", &[]));
    let begun = Instant::now();
    while !dropped.load(SeqCst) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the server still waits"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    server.wait_for_metric("atlas_http_server_connections 1");
}

#[test]
fn a_client_that_reads_next_to_nothing_is_given_up_too() {
    let dropped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&dropped);
    let router = Router::new().route(
        "/endless",
        get(move || {
            let guard = Dropped(Arc::clone(&seen));
            async move { Body::new(Endless(guard)) }
        }),
    );
    let server = Setup::new(router)
        .config(|config| config.write_timeout = Wait::from_millis(400))
        .start();
    let mut client = server.connect();
    client.send(head("GET", "/endless", &[]));
    let begun = Instant::now();
    while !dropped.load(SeqCst) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the server still waits"
        );
        // less than a client has to take, but never nothing
        let _ = client.some(2000);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_body_has_its_deadline_also_while_it_is_answered() {
    let router = Router::new().route("/echo", post(|body: Body| async move { Body::new(body) }));
    let server = Setup::new(router)
        .config(|config| config.body_timeout = Wait::from_millis(400))
        .start();
    let mut client = server.connect();
    client.send(head("POST", "/echo", &[("Transfer-Encoding", "chunked")]));
    let begun = Instant::now();
    while client.try_send("1\r\nx\r\n").is_ok() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it goes on for ever"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(390),
        "{:?}",
        begun.elapsed()
    );
}

/// A body that has always more to say.
struct Endless(#[expect(dead_code, reason = "its drop is what counts")] Dropped);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let data = Bytes::from_static(&[0; 65_536]);
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(data))))
    }
}

#[test]
fn a_body_nobody_reads_has_no_deadline_of_its_own() {
    let router = Router::new().route(
        "/ignore",
        post(|| async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            "done"
        }),
    );
    let server = Setup::new(router)
        .config(|config| config.body_timeout = Wait::from_millis(200))
        .start();
    let mut client = server.connect();
    client.send(head("POST", "/ignore", &[("Content-Length", "10")]));
    assert_eq!(client.response("POST").text(), "done");
}
