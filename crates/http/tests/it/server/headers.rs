//! The headers that every answer carries.

use std::fmt::Write;

use atlas_config::{ByteSize, Duration};
use atlas_http::{Json, Problem, Routes, get};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::app::Setup;
use super::client::{Client, head};
use super::golden::assert_golden;

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
struct Item {
    #[garde(length(min = 1))]
    name: String,
}

async fn show() -> Json<Item> {
    Json(Item {
        name: "tea".to_owned(),
    })
}

async fn create(Json(item): Json<Item>) -> Json<Item> {
    Json(item)
}

/// Answers with the status in the path, as a handler of a user may.
async fn status(Path(status): Path<u16>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if status.is_client_error() || status.is_server_error() {
        Problem::new(status, "test_code", "Test").into_response()
    } else {
        status.into_response()
    }
}

async fn panics() -> &'static str {
    panic!("the password is hunter2")
}

fn routes() -> Routes {
    let raw = Router::new()
        .route("/status/{status}", axum::routing::get(status))
        .route("/panic", axum::routing::get(panics))
        .route("/hang", axum::routing::get(std::future::pending::<()>));
    Routes::new("/items")
        .route("/", get(show).post(create))
        .merge(Routes::from(raw))
}

/// Name, and what to send.
fn cases() -> Vec<(&'static str, String)> {
    let body = |json: &str, media: &str| {
        let length = json.len().to_string();
        head(
            "POST",
            "/items",
            &[("Content-Type", media), ("Content-Length", &length)],
        ) + json
    };
    let get = |path: &str| head("GET", path, &[]);
    vec![
        ("200", get("/items")),
        ("200 of a probe", get("/livez")),
        ("204", get("/status/204")),
        ("304", get("/status/304")),
        ("400", body("{", "application/json")),
        ("400 of what is not HTTP", "nonsense\r\n\r\n".to_owned()),
        ("401", get("/status/401")),
        ("403", get("/status/403")),
        ("404", get("/nowhere")),
        ("405", head("DELETE", "/items", &[])),
        ("406", head("GET", "/items", &[("Accept", "image/png")])),
        ("409", get("/status/409")),
        ("412", get("/status/412")),
        (
            "413",
            head(
                "POST",
                "/items",
                &[
                    ("Content-Type", "application/json"),
                    ("Content-Length", "9999999"),
                ],
            ),
        ),
        ("414", get(&format!("/{}", "x".repeat(9000)))),
        ("415", body("{}", "text/plain")),
        ("422", body(r#"{"name":""}"#, "application/json")),
        ("429", get("/status/429")),
        ("431", head("GET", "/", &[("X", &"x".repeat(20_000))])),
        ("500", get("/status/500")),
        ("503 of a handler that takes too long", get("/hang")),
        ("a panic", get("/panic")),
    ]
}

/// The head of an answer, with what differs each time left out.
fn normal(client: &mut Client) -> String {
    let answer = client.response("GET");
    let mut text = format!("{}\n", answer.status);
    let mut headers = answer.headers;
    headers.sort();
    for (name, value) in headers {
        let value = match name.as_str() {
            "date" | "content-length" | "x-request-id" => "…",
            _ => &value,
        };
        writeln!(text, "{name}: {value}").unwrap();
    }
    text
}

#[test]
fn every_answer_has_the_headers_that_protect_its_reader() {
    let server = Setup::of(routes())
        .config(|config| {
            config.handler_timeout = Duration::from_secs(2);
            config.max_body_bytes = ByteSize::from_kib(64);
        })
        .start();
    let mut text = String::new();
    for (name, request) in cases() {
        let mut client = server.connect();
        client.send(request);
        writeln!(text, "# {name}\n{}", normal(&mut client)).unwrap();
    }
    let hasty = Setup::of(routes())
        .config(|config| config.header_timeout = Duration::from_millis(200))
        .start();
    let mut client = hasty.connect();
    client.send("GET / HTTP/1.1\r\nHost: ");
    writeln!(text, "# 408\n{}", normal(&mut client)).unwrap();

    assert_golden("headers.txt", &text);
    assert!(!text.contains("\nserver:") && !text.contains("x-powered-by"));
}

#[test]
fn a_handler_has_the_last_word_on_what_it_sets_itself() {
    let router = Router::new().route(
        "/page",
        axum::routing::get(|| async {
            let headers = [
                ("cache-control", "max-age=60"),
                ("content-security-policy", "default-src 'self'"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-resource-policy", "cross-origin"),
            ];
            (headers, "<p>hello</p>")
        }),
    );
    let server = Setup::new(router).start();
    let answer = server.connect().get("/page");
    assert_eq!(answer.header("cache-control"), Some("max-age=60"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'self'")
    );
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn tls_is_made_lasting_only_when_a_trusted_proxy_says_that_there_is_tls() {
    let sts = |proxies: &[&str], proto: &str| {
        let proxies = proxies.iter().map(ToString::to_string).collect();
        let server = Setup::of(routes())
            .config(|config| config.trusted_proxies = proxies)
            .start();
        let answer = server
            .connect()
            .request("GET", "/items", &[("X-Forwarded-Proto", proto)]);
        answer
            .header("strict-transport-security")
            .map(str::to_owned)
    };
    assert_eq!(
        sts(&["127.0.0.0/8"], "https").as_deref(),
        Some("max-age=31536000")
    );
    assert_eq!(sts(&["127.0.0.0/8"], "http"), None);
    assert_eq!(sts(&[], "https"), None);
}
