//! The numbers.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};

use super::app::Setup;
use super::client::head;

fn router() -> Router {
    Router::new()
        .route("/items/{id}", get(|| async { "hello" }))
        .route("/echo", post(|body: Bytes| async move { body }))
}

/// Everything of the exposition but the values.
fn series(metrics: &str) -> BTreeSet<String> {
    metrics
        .lines()
        .filter(|line| line.starts_with("http_") || line.starts_with("atlas_http"))
        .filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series.to_owned()))
        .collect()
}

#[test]
fn requests_are_counted_by_route_with_the_standard_names() {
    let server = Setup::new(router()).start();
    let mut client = server.connect();
    client.get("/items/1");
    client.get("/items/2");
    client.get("/nowhere");
    client.send(head("POST", "/echo", &[("Content-Length", "100")]));
    client.send([b'x'; 100]);
    client.response("POST");
    let metrics = server.metrics();
    let route = |metric: &str, method: &str, route: &str, status: &str| {
        format!(
            r#"{metric}{{http_request_method="{method}",{route}http_response_status_code="{status}",url_scheme="http",network_protocol_version="1.1"}}"#
        )
    };
    let items = r#"http_route="/items/{id}","#;
    let echo = r#"http_route="/echo","#;
    for line in [
        route(
            "http_server_request_duration_seconds_count",
            "GET",
            items,
            "200",
        ) + " 2",
        route(
            "http_server_response_body_size_bytes_sum",
            "GET",
            items,
            "200",
        ) + " 10.0",
        route(
            "http_server_request_duration_seconds_count",
            "GET",
            "",
            "404",
        ) + " 1",
        route(
            "http_server_request_body_size_bytes_sum",
            "POST",
            echo,
            "200",
        ) + " 100.0",
        route(
            "http_server_response_body_size_bytes_sum",
            "POST",
            echo,
            "200",
        ) + " 100.0",
    ] {
        assert!(
            metrics.lines().any(|it| it == line),
            "{line}\nis not in\n{metrics}"
        );
    }
    for (name, kind) in [
        ("http_server_request_duration_seconds", "histogram"),
        ("http_server_request_body_size_bytes", "histogram"),
        ("http_server_response_body_size_bytes", "histogram"),
        ("http_server_active_requests", "gauge"),
        ("atlas_http_server_connections", "gauge"),
        ("atlas_http_server_panics_total", "counter"),
    ] {
        assert!(
            metrics.contains(&format!("# TYPE {name} {kind}\n")),
            "{name}"
        );
    }
}

#[test]
fn requests_in_flight_are_shown_while_they_are() {
    let router = Router::new().route("/hang", get(std::future::pending::<()>));
    let server = Setup::new(router).start();
    let line = |count| {
        format!(
            r#"http_server_active_requests{{http_request_method="GET",url_scheme="http"}} {count}"#
        )
    };
    let mut client = server.connect();
    client.send(head("GET", "/hang", &[]));
    // the scrape itself is the other one
    server.wait_for_metric(&line(2));
    drop(client);
    server.wait_for_metric(&line(1));
}

#[test]
fn open_metrics_is_given_to_those_who_ask_for_it() {
    let server = Setup::new(router()).start();
    let accept = "application/openmetrics-text; version=1.0.0, text/plain;q=0.5";
    let answer = server
        .connect()
        .request("GET", "/metrics", &[("Accept", accept)]);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    assert!(answer.text().ends_with("# EOF\n"));
}

#[test]
fn metrics_can_be_switched_off() {
    let server = Setup::new(router())
        .config(|config| config.metrics = false)
        .start();
    server
        .connect()
        .get("/metrics")
        .problem(404, "route_not_found");
}

#[test]
fn ten_thousand_addresses_methods_and_hosts_make_no_new_series() {
    const METHODS: [&str; 9] = [
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW",
    ];
    let server = Setup::new(router()).start();
    let mut client = server.connect();
    // every kind of answer once
    for method in METHODS {
        for path in ["/items/1", "/nowhere"] {
            client.request(method, path, &[]);
        }
    }
    server.metrics();
    let before = series(&server.metrics());
    let mut seed = 1_u64;
    let mut random = move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    for _ in 0..100 {
        let batch: Vec<(String, String)> = (0..100)
            .map(|_| {
                let path = match random() % 3 {
                    0 => format!("/items/{}", random()),
                    1 => format!("/{:x}/{:x}?q={}", random(), random(), random()),
                    _ => format!("/%{:02x}{}", 0x20 + random() % 0x5f, random()),
                };
                let method = match random() % 10 {
                    at @ 0..9 => METHODS[at].to_owned(),
                    _ => format!("M{:x}", random()).to_uppercase(),
                };
                (method, path)
            })
            .collect();
        let text: String = batch
            .iter()
            .map(|(method, path)| {
                let host = format!("h{}.example", random());
                format!(
                    "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\n\r\n",
                    random()
                )
            })
            .collect();
        client.send(text);
        for (method, path) in &batch {
            let answer = client.response(method);
            assert!(
                matches!(answer.status, 200 | 404 | 405),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
    // the last request is counted when its answer is out
    std::thread::sleep(Duration::from_millis(50));
    let after = series(&server.metrics());
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:#?}");
}
