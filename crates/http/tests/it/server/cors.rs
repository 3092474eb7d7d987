//! Pages of other origins.

use atlas_config::{Config, Options};
use atlas_core::{App, Module};
use axum::Router;
use axum::routing::get;

use super::app::Setup;

fn setup() -> Setup {
    let router = Router::new().route("/", get(|| async { "hello" }));
    Setup::new(router)
}

const PREFLIGHT: &[(&str, &str)] = &[
    ("Origin", "https://app.example.com"),
    ("Access-Control-Request-Method", "POST"),
];

#[test]
fn nobody_is_let_in_unless_it_is_configured() {
    let server = setup().start();
    let mut client = server.connect();
    for answer in [
        client.request("GET", "/", &[("Origin", "https://app.example.com")]),
        client.request("OPTIONS", "/", PREFLIGHT),
    ] {
        let cors = answer
            .headers
            .iter()
            .find(|(name, _)| name.starts_with("access-control"));
        assert_eq!(cors, None);
    }
}

#[test]
fn a_listed_origin_is_let_in_and_its_preflight_answered() {
    let server = setup()
        .config(|config| config.cors.origins = vec!["https://app.example.com".to_owned()])
        .start();
    let mut client = server.connect();
    let preflight = client.request("OPTIONS", "/", PREFLIGHT);
    assert_eq!(preflight.status, 204);
    let origin = "access-control-allow-origin";
    assert_eq!(preflight.header(origin), Some("https://app.example.com"));
    assert!(
        preflight
            .header("access-control-allow-methods")
            .unwrap()
            .contains("POST")
    );
    assert_eq!(preflight.header("access-control-max-age"), Some("600"));
    assert!(preflight.header("x-request-id").is_some());

    let answer = client.request("GET", "/", &PREFLIGHT[..1]);
    assert_eq!(answer.header(origin), Some("https://app.example.com"));
    assert_eq!(answer.header("vary"), Some("origin"));
    // errors can be read by the page too
    let missing = client.request("GET", "/nowhere", &PREFLIGHT[..1]);
    assert_eq!(missing.header(origin), Some("https://app.example.com"));

    let stranger = client.request(
        "GET",
        "/",
        &[("Origin", "https://app.example.com.evil.test")],
    );
    assert_eq!(stranger.header(origin), None);
    assert_eq!(stranger.text(), "hello");
}

#[tokio::test]
async fn everyone_with_credentials_is_an_error_at_the_start() {
    let options = Options::default()
        .set("http.cors.origins", r#"["*"]"#)
        .set("http.cors.credentials", "true")
        .set("http.cors.methods", r#"["get"]"#)
        .set("http.cors.expose", r#"["not a header"]"#)
        .set("http.trusted_proxies", r#"["10.0.0.0/99"]"#)
        .set("http.port", "0");
    let config = Config::load(&options);
    let app = App::new("shop")
        .module(atlas_config::module())
        .module(atlas_http::module())
        .module(Module::new("empty"))
        .with(move |overrides| overrides.replace(move || config.clone()));
    let error = app.start().await.unwrap_err();
    assert_eq!(error.exit_code(), 78);
    let text = error.to_string();
    assert!(text.contains("http.cors.origins"), "{text}");
    assert!(text.contains("every page of the web"), "{text}");
    assert!(text.contains("http.trusted_proxies"), "{text}");
    assert!(text.contains("`get`, which no browser asks for"), "{text}");
    assert!(
        text.contains("`not a header`, which is not the name of a header"),
        "{text}"
    );
    assert!(text.contains("99"), "{text}");
}
