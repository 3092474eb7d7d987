//! Methods and addresses that are not there, and `HEAD`.

use atlas_http::axum::Router;
use atlas_http::axum::routing;
use atlas_http::{Json, NoContent, Routes, delete, get, post};
use atlas_telemetry::context::{self, Context, RequestId};
use http::{Method, Request};
use tower::{ServiceBuilder, ServiceExt};

use super::support::Client;

async fn text() -> Json<&'static str> {
    Json("tea")
}

async fn nothing() -> NoContent {
    NoContent
}

fn routes() -> Routes {
    let inner = Routes::new("/inner").route("/{id}", delete(nothing).put(nothing));
    Routes::new("/outer")
        .route("/", get(text).post(nothing))
        .nest(inner)
}

#[tokio::test]
async fn another_method_is_refused_with_the_ones_that_there_are() {
    let client = Client::new(routes());
    for (method, path, allow) in [
        (Method::PUT, "/outer", "GET, HEAD, POST"),
        (Method::DELETE, "/outer", "GET, HEAD, POST"),
        (Method::TRACE, "/outer", "GET, HEAD, POST"),
        (Method::OPTIONS, "/outer", "GET, HEAD, POST"),
        (Method::GET, "/outer/inner/1", "DELETE, PUT"),
        (
            Method::from_bytes(b"BREW").unwrap(),
            "/outer/inner/1",
            "DELETE, PUT",
        ),
    ] {
        let answer = client.send(method.clone(), path, &[], "").await;
        let problem = answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert!(problem["detail"].to_string().contains(allow));
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_problem_at_every_depth() {
    let client = Client::new(routes());
    for path in [
        "/",
        "/other",
        "/outer/",
        "/outer/inner",
        "/outer/inner/1/2",
        "//outer",
    ] {
        client.get(path).await.problem(404, "route_not_found");
    }
}

#[tokio::test]
async fn raw_routes_refuse_with_problems_too() {
    let raw = Router::new().route("/raw", routing::get(async || "raw"));
    let client = Client::new(Routes::from(raw));
    assert_eq!(client.get("/raw").await.body, "raw");
    let refused = client.post("/raw", "").await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET,HEAD");
    client.get("/other").await.problem(404, "route_not_found");
}

#[test]
fn raw_routes_that_do_not_fit_are_an_error_and_no_panic() {
    let raw = |path: &str| Routes::from(Router::new().route(path, routing::get(async || "raw")));
    let fails = |routes: Routes| routes.into_router().unwrap_err().to_string();
    let text = fails(routes().merge(raw("/outer")));
    assert!(
        text.contains("does not fit beside") && text.contains("/outer"),
        "{text}"
    );
    let text = fails(raw("/raw/{x}").merge(raw("/raw/{y}")));
    assert!(
        text.contains("does not fit beside") && text.contains("/raw/{y}"),
        "{text}"
    );
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let client = Client::new(routes());
    let get = client.get("/outer").await;
    let head = client.send(Method::HEAD, "/outer", &[], "").await;
    assert_eq!(head.status, get.status);
    assert_eq!(head.headers, get.headers);
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert!(head.body.is_empty());
    let head = client.send(Method::HEAD, "/nowhere", &[], "").await;
    assert_eq!(head.status, 404);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn the_server_learns_the_route_also_of_a_refusal_and_of_raw_routes() {
    let raw = Router::new().route("/raw/{x}", routing::get(async || "raw"));
    let router = routes().merge(Routes::from(raw)).into_router().unwrap();
    for (method, path, expected) in [
        (Method::GET, "/outer", Some("/outer")),
        (Method::DELETE, "/outer/inner/7", Some("/outer/inner/{id}")),
        (Method::GET, "/outer/inner/7", Some("/outer/inner/{id}")),
        (Method::GET, "/raw/7", Some("/raw/{x}")),
        (Method::GET, "/nowhere", None),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(String::new()).unwrap();
        let call = router.clone().oneshot(request);
        let noted = context::scope(Context::root(RequestId::generate()), async {
            call.await.unwrap();
            context::current(|it| it.route().map(|it| it.template())).unwrap()
        });
        assert_eq!(noted.await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_groups_middleware_is_around_its_own_handlers_only() {
    let mark =
        ServiceBuilder::new().map_response(|mut response: atlas_http::axum::response::Response| {
            let headers = response.headers_mut();
            headers.append("x-mark", http::HeaderValue::from_static("1"));
            response
        });
    let marked = Routes::new("/marked")
        .layer(mark)
        .route("/", get(text))
        .nest(Routes::new("/deep").route("/", post(nothing)));
    let client = Client::new(Routes::new("").route("/plain", get(text)).merge(marked));
    assert_eq!(client.get("/marked").await.header("x-mark"), "1");
    assert_eq!(client.post("/marked/deep", "").await.header("x-mark"), "1");
    assert_eq!(client.get("/plain").await.header("x-mark"), "");
    let refused = client.get("/marked/deep").await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(
        (refused.header("allow"), refused.header("x-mark")),
        ("POST", "")
    );
    let missing = client.get("/marked/nowhere").await;
    missing.problem(404, "route_not_found");
    assert_eq!(missing.header("x-mark"), "");
}
