//! How a server ends.

use std::time::{Duration, Instant};

use atlas_config::Duration as Wait;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::app::Setup;
use super::client::{Client, head};

async fn slow(Path(milliseconds): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    "done"
}

fn setup() -> Setup {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow/{ms}", get(slow));
    Setup::new(router)
}

/// Waits until the readiness probe says no.
fn wait_for_not_ready(probe: &mut Client) {
    for _ in 0..1000 {
        if probe.get("/readyz").status == 503 {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the service is still ready");
}

#[test]
fn everything_is_served_on_while_readiness_is_off_and_then_nothing_new() {
    let mut server = setup()
        .config(|config| config.drain_delay = Wait::from_millis(1500))
        .start();
    let address = server.address;
    let mut probe = server.connect();
    let mut keeping = server.connect();
    let mut in_flight = server.connect();
    assert_eq!(keeping.get("/").header("connection"), None);
    in_flight.send(head("GET", "/slow/6000", &[]));
    server.wait_for_requests(1);

    let begun = Instant::now();
    let stopped = server.stop();
    // the answer that says no ends the connection, which only shows that the word goes round
    wait_for_not_ready(&mut probe);
    let mut journal = vec!["not ready"];

    let answer = keeping.get("/");
    assert_eq!(answer.text(), "hello");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(Client::connect(address).get("/").text(), "hello");
    journal.push("served on");

    while Client::try_connect(address).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(1450),
        "{:?}",
        begun.elapsed()
    );
    assert!(!stopped.is_finished(), "the request in flight is not over");
    journal.push("no new connections");

    assert_eq!(in_flight.response("GET").text(), "done");
    journal.push("request in flight done");
    stopped.join().unwrap().unwrap();
    journal.push("stopped");
    assert_eq!(
        journal,
        [
            "not ready",
            "served on",
            "no new connections",
            "request in flight done",
            "stopped"
        ]
    );
}

#[test]
fn idle_connections_do_not_hold_up_the_end() {
    let mut server = setup().start();
    let mut idle: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    for client in &mut idle[..10] {
        assert_eq!(client.get("/").status, 200);
    }
    let begun = Instant::now();
    server.stop().join().unwrap().unwrap();
    // far from the half minute of the grace
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    for client in &mut idle {
        assert!(client.rest().is_empty());
    }
}

#[test]
fn what_takes_longer_than_the_grace_is_told_so() {
    let mut server = setup()
        .config(|config| config.grace = Wait::from_millis(400))
        .start();
    let mut client = server.connect();
    client.send(head("GET", "/slow/60000", &[]));
    server.wait_for_requests(1);
    let begun = Instant::now();
    let stopped = server.stop();
    let answer = client.response("GET");
    answer.problem(503, "unavailable");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(
        begun.elapsed() >= Duration::from_millis(390),
        "{:?}",
        begun.elapsed()
    );
    stopped.join().unwrap().unwrap();
    // far from the minute that the request takes
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_request_that_is_half_sent_when_the_end_begins_is_answered() {
    let mut server = setup().start();
    let mut fresh = server.connect();
    let mut used = server.connect();
    assert_eq!(used.get("/").status, 200);
    fresh.send("GET / HTTP/1.1\r\n");
    used.send("GET / HTTP/1.1\r\n");
    std::thread::sleep(Duration::from_millis(500));
    let address = server.address;
    let stopped = server.stop();
    // the end has begun when nobody is let in any more
    while Client::try_connect(address).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    for client in [&mut fresh, &mut used] {
        client.send("Host: localhost\r\n\r\n");
        let answer = client.response("GET");
        assert_eq!(answer.text(), "hello");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    stopped.join().unwrap().unwrap();
}

#[test]
fn who_has_connected_before_the_end_is_answered() {
    // whether the accept loop comes first is left to chance, so chance gets several goes
    for _ in 0..4 {
        let router = Router::new().route("/", get(|| async { "hello" })).route(
            "/block",
            get(|| async {
                std::thread::sleep(Duration::from_millis(300));
                "blocked"
            }),
        );
        let mut server = Setup::new(router).threads(1).start();
        let mut blocking = server.connect();
        assert_eq!(blocking.get("/").status, 200);
        blocking.send(head("GET", "/block", &[]));
        std::thread::sleep(Duration::from_millis(50));
        // nothing is accepted while the only thread is blocked, and the end begins meanwhile
        let mut waiting: Vec<Client> = (0..5).map(|_| server.connect()).collect();
        for client in &mut waiting {
            client.send(head("GET", "/", &[]));
        }
        let stopped = server.stop();
        for client in &mut waiting {
            assert_eq!(client.response("GET").text(), "hello");
        }
        stopped.join().unwrap().unwrap();
    }
}
