//! Handlers that panic.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;

use super::app::Setup;
use super::client::head;

async fn early() -> &'static str {
    panic!("the password is hunter2")
}

async fn late() -> &'static str {
    tokio::task::yield_now().await;
    panic!("the password is {}", "hunter2")
}

fn setup() -> Setup {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/panic", get(early))
        .route("/late", get(late))
        .route("/body", get(|| async { Body::new(Panicking) }));
    Setup::new(router)
}

#[test]
fn a_panic_is_a_500_that_says_nothing_and_everything_goes_on() {
    let server = setup().start();
    let mut client = server.connect();
    for path in ["/panic", "/late"] {
        let answer = client.get(path);
        let problem = answer.problem(500, "internal");
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
        // on the same connection
        assert_eq!(client.get("/").text(), "hello");
    }
    let metrics = server.metrics();
    assert!(
        metrics.contains("atlas_http_server_panics_total 2\n"),
        "{metrics}"
    );
    let series = r#"http_server_request_duration_seconds_count{http_request_method="GET",http_route="/panic",http_response_status_code="500",url_scheme="http",network_protocol_version="1.1",error_type="panic"} 1"#;
    assert!(metrics.contains(series), "{metrics}");
}

#[test]
fn a_body_that_panics_is_cut_off_and_not_taken_for_whole() {
    let server = setup().start();
    let mut client = server.connect();
    client.send(head("GET", "/body", &[]));
    assert!(client.try_response("GET").is_err());
    assert_eq!(server.connect().get("/").text(), "hello");
    server.wait_for_metric("atlas_http_server_panics_total 1");
}

/// A body that panics when it is asked for its data.
struct Panicking;

impl http_body::Body for Panicking {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        panic!("no more")
    }
}
