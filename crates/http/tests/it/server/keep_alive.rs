//! Several requests on one connection, and clients that leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::app::Setup;
use super::client::head;

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let router = Router::new().route("/{id}", get(|Path(id): Path<String>| async move { id }));
    let server = Setup::new(router).start();
    let mut client = server.connect();
    let all: String = (0..20)
        .map(|it| head("GET", &format!("/{it}"), &[]))
        .collect();
    client.send(all);
    for it in 0..20 {
        assert_eq!(client.response("GET").text(), it.to_string());
    }
}

#[test]
fn a_request_that_arrives_in_pieces_is_one_request() {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let server = Setup::new(router).start();
    let mut client = server.connect();
    for byte in head("GET", "/", &[("X-Some", "value")]).bytes() {
        client.send([byte]);
    }
    assert_eq!(client.response("GET").text(), "hello");
    assert_eq!(client.get("/").text(), "hello");
}

#[test]
fn close_is_done_when_asked_for_and_by_default_with_http_1_0() {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let server = Setup::new(router).start();
    let mut client = server.connect();
    let answer = client.request("GET", "/", &[("Connection", "close")]);
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(client.rest().is_empty());

    let mut client = server.connect();
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.response("GET").text(), "hello");
    assert!(client.rest().is_empty());
}

#[test]
fn a_head_request_has_the_headers_and_not_the_body() {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let server = Setup::new(router).start();
    let mut client = server.connect();
    let full = client.get("/");
    let head = client.request("HEAD", "/", &[]);
    assert_eq!(head.header("content-length"), Some("5"));
    let names = |headers: &[(String, String)]| {
        let mut names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&full.headers), names(&head.headers));
    assert_eq!(client.get("/").text(), "hello");
}

#[test]
fn a_client_that_leaves_ends_its_request_and_is_counted() {
    struct Running(Arc<AtomicUsize>);
    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    let running = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&running);
    let router = Router::new().route(
        "/hang",
        get(move || {
            seen.fetch_add(1, SeqCst);
            let guard = Running(Arc::clone(&seen));
            async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            }
        }),
    );
    let server = Setup::new(router).start();
    let wait_for = |count| {
        for _ in 0..1000 {
            if running.load(SeqCst) == count {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{} handlers run, not {count}", running.load(SeqCst));
    };
    let mut client = server.connect();
    client.send(head("GET", "/hang", &[]));
    wait_for(1);
    drop(client);
    wait_for(0);
    for _ in 0..400 {
        if server
            .metrics()
            .contains(r#"error_type="client_disconnected""#)
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the request was not counted: {}", server.metrics());
}
