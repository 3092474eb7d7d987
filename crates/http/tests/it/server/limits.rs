//! What is too large, too many or too long.

use std::time::{Duration, Instant};

use atlas_config::ByteSize;
use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};

use super::app::Setup;
use super::client::{Client, head};

fn setup() -> Setup {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/echo", post(|body: Bytes| async move { body }));
    Setup::new(router).config(|config| {
        config.max_header_bytes = ByteSize::from_kib(4);
        config.max_headers = 20;
        config.max_uri_bytes = ByteSize::from_bytes(1000);
        config.max_body_bytes = ByteSize::from_kib(64);
    })
}

#[test]
fn an_announced_body_beyond_the_limit_is_refused_unread() {
    let server = setup().start();
    let mut client = server.connect();
    client.send(head(
        "POST",
        "/echo",
        &[("Content-Length", "65537"), ("Expect", "100-continue")],
    ));
    // the first answer is 413: nobody was asked to go on
    let problem = client.response("POST").problem(413, "too_large");
    assert_eq!(problem["detail"], "the body is larger than 65536 bytes");
    assert!(client.rest().is_empty());
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let server = setup().start();
    let mut client = server.connect();
    let headers = [("Content-Length", "5"), ("Expect", "100-continue")];
    client.send(head("POST", "/echo", &headers));
    assert_eq!(client.response("POST").status, 100);
    client.send("hello");
    assert_eq!(client.response("POST").text(), "hello");
}

#[test]
fn a_body_of_exactly_the_limit_passes() {
    let server = setup().start();
    let mut client = server.connect();
    client.send(head("POST", "/echo", &[("Content-Length", "65536")]));
    client.send(vec![b'x'; 65_536]);
    assert_eq!(client.response("POST").body.len(), 65_536);
    assert_eq!(client.get("/").text(), "hello");
}

#[test]
fn a_client_that_is_still_sending_gets_to_read_that_it_sent_too_much() {
    let server = setup().start();
    let mut client = server.connect();
    client.send(head("POST", "/echo", &[("Transfer-Encoding", "chunked")]));
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    for _ in 0..64 {
        // the server may stop reading at some point, but not before the answer can be read
        if client.try_send(&chunk).is_err() {
            break;
        }
    }
    client.response("POST").problem(413, "too_large");
}

#[test]
fn a_limit_above_that_of_axum_is_the_one_that_counts() {
    let server = setup()
        .config(|config| config.max_body_bytes = ByteSize::from_mib(4))
        .start();
    let mut client = server.connect();
    let size = 3 * 1024 * 1024;
    client.send(head(
        "POST",
        "/echo",
        &[("Content-Length", &size.to_string())],
    ));
    client.send(vec![b'x'; size]);
    assert_eq!(client.response("POST").body.len(), size);
}

#[test]
fn too_large_headers_are_refused_with_431() {
    let server = setup().start();
    let mut client = server.connect();
    let large = "x".repeat(5000);
    client.send(head("GET", "/", &[("Cookie", &large)]));
    client.response("GET").problem(431, "headers_too_large");
    assert!(client.rest().is_empty());
}

#[test]
fn too_many_headers_are_refused_with_431() {
    let server = setup().start();
    let many: Vec<(String, &str)> = (0..30).map(|it| (format!("X-{it}"), "1")).collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let answer = server.connect().request("GET", "/", &many);
    answer.problem(431, "headers_too_large");
}

#[test]
fn headers_without_end_are_refused_before_they_fill_the_memory() {
    let server = setup().start();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    for number in 0..1000 {
        if client
            .try_send(format!("X-{number}: {}\r\n", "y".repeat(100)))
            .is_err()
        {
            break;
        }
    }
    client.response("GET").problem(431, "headers_too_large");
}

#[test]
fn a_long_address_is_refused_with_414_whatever_its_length() {
    let server = setup().start();
    for length in [1001, 3000, 5000, 100_000] {
        let mut client = server.connect();
        let path = format!("/?{}", "q".repeat(length - 2));
        let _ = client.try_send(head("GET", &path, &[]));
        let problem = client.response("GET").problem(414, "uri_too_long");
        assert_eq!(problem["detail"], "the address is longer than 1000 bytes");
    }
    let longest = format!("/?{}", "q".repeat(998));
    assert_eq!(server.connect().get(&longest).status, 200);
}

#[test]
fn one_connection_too_many_is_told_so_and_the_next_one_after_a_close_is_served() {
    let server = setup().config(|config| config.max_connections = 3).start();
    let mut open: Vec<Client> = (0..3).map(|_| server.connect()).collect();
    for client in &mut open {
        assert_eq!(client.get("/").status, 200);
    }
    let mut refused = server.connect();
    let answer = refused.response("GET");
    answer.problem(503, "unavailable");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.header("retry-after"), Some("1"));

    drop(open.pop());
    let begun = Instant::now();
    loop {
        let mut client = server.connect();
        client.send(head("GET", "/", &[]));
        if client
            .try_response("GET")
            .is_ok_and(|answer| answer.status == 200)
        {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "no place came free"
        );
    }
    drop(open);
    server.wait_for_metric("atlas_http_server_connections 1");
    assert!(
        !server
            .metrics()
            .contains("atlas_http_server_connections_refused_total 0")
    );
}

#[test]
fn hundreds_of_idle_sockets_do_not_keep_others_waiting() {
    let server = setup().start();
    let idle: Vec<Client> = (0..300).map(|_| server.connect()).collect();
    let mut partial = Vec::new();
    for _ in 0..100 {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: loc");
        partial.push(client);
    }
    let begun = Instant::now();
    for _ in 0..50 {
        assert_eq!(server.connect().get("/").status, 200);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    drop((idle, partial));
}
