//! Operations with limits of their own.

use std::time::Duration;

use atlas_config::{ByteSize, Duration as Wait};
use atlas_http::axum::body::Bytes;
use atlas_http::{Routes, get, post};

use super::app::{Server, Setup};
use super::client::head;

const MIB: usize = 1024 * 1024;
/// Much more than the limits that it breaks: a machine that stands still for a moment must not let both pass at once.
const SLOW: Duration = Duration::from_secs(3);

async fn slow() -> String {
    tokio::time::sleep(SLOW).await;
    "done".to_owned()
}

async fn size(body: Bytes) -> String {
    body.len().to_string()
}

fn server(handler_timeout: Wait) -> Server {
    let routes = Routes::new("")
        .route("/slow", get(slow))
        .route("/patient", get(slow).timeout(Duration::from_secs(30)))
        .route("/hasty", get(slow).timeout(Duration::from_millis(50)))
        .route("/upload", post(size).max_body(3 * MIB as u64).put(size))
        .route("/note", post(size).max_body(10))
        .route(
            "/slowly",
            post(size).body_timeout(Duration::from_millis(200)),
        );
    Setup::of(routes)
        .config(|config| {
            config.handler_timeout = handler_timeout;
            config.max_body_bytes = ByteSize::from_kib(1);
        })
        .start()
}

#[test]
fn a_handler_may_have_more_time() {
    let server = server(Wait::from_millis(200));
    let mut client = server.connect();
    client.get("/slow").problem(503, "handler_timeout");
    assert_eq!(client.get("/patient").text(), "done");
    // the next request on the connection has the time of its own route
    client.get("/slow").problem(503, "handler_timeout");
}

#[test]
fn a_handler_may_have_less_time() {
    let server = server(Wait::from_secs(30));
    let mut client = server.connect();
    client.get("/hasty").problem(503, "handler_timeout");
    assert_eq!(client.request("HEAD", "/hasty", &[]).status, 503);
    assert_eq!(client.get("/slow").text(), "done");
}

#[test]
fn a_body_may_have_less_time() {
    let server = server(Wait::from_secs(30));
    let mut client = server.connect();
    client.send(head("POST", "/slowly", &[("Content-Length", "5")]));
    client.response("POST").problem(408, "request_timeout");
}

#[test]
fn a_body_may_be_larger_or_smaller() {
    let server = server(Wait::from_secs(30));
    let send = |method: &str, path: &str, length: usize| {
        let mut client = server.connect();
        client.send(head(
            method,
            path,
            &[("Content-Length", &length.to_string())],
        ));
        // what is too large need not be taken
        let _ = client.try_send(vec![b'x'; length]);
        client.response(method)
    };
    assert_eq!(
        send("POST", "/upload", 3 * MIB).text(),
        (3 * MIB).to_string()
    );
    let problem = send("POST", "/upload", 3 * MIB + 1).problem(413, "too_large");
    assert_eq!(
        problem["detail"],
        format!("the body is larger than {} bytes", 3 * MIB)
    );
    // the other method of the same path keeps the general limit
    assert_eq!(send("PUT", "/upload", 1024).text(), "1024");
    send("PUT", "/upload", 1025).problem(413, "too_large");
    assert_eq!(send("POST", "/note", 10).text(), "10");
    send("POST", "/note", 11).problem(413, "too_large");
}
