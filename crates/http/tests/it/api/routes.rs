//! Routes that cannot be served are found when the service starts, all at once.

use atlas_http::garde::Validate;
use atlas_http::{Api, Json, NoContent, Path, Routes, State, get, post};
use schemars::JsonSchema;
use serde::Deserialize;

use super::catalog;
use super::support::{Client, golden};

async fn nothing() -> NoContent {
    NoContent
}

async fn one(_: Path<u64>) -> NoContent {
    NoContent
}

async fn two(_: Path<(u64, u64)>) -> NoContent {
    NoContent
}

#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only its names matter")]
struct Named {
    id: u64,
}

async fn named(_: Path<Named>) -> NoContent {
    NoContent
}

#[derive(Deserialize, JsonSchema, Validate)]
struct Empty {}

async fn twice(_: Json<Empty>, _: Json<Vec<Empty>>) -> NoContent {
    NoContent
}

#[test]
fn everything_that_is_wrong_with_the_routes_is_said_at_once() {
    let first = Routes::new("/a")
        .route("/", get(nothing).get(one))
        .route("/{id}", get(two))
        .route("/{id}/x", get(named))
        .route("/{key}", get(one))
        .route("/:old/x", get(one))
        .route("/*rest", get(nothing))
        .route("/{a}{b}", get(nothing))
        .route("/named/{nr}", get(named));
    let second = Routes::new("/")
        .route("/a/{id}", get(one))
        .route("/a/{id}/{nr}", get(one))
        .route("/bodies", post(twice))
        .route("/docs", get(nothing))
        .route("/docs/{page}", get(nothing));
    let errors = Api::new(vec![first, second], None).unwrap_err();
    golden("routes.txt", &format!("{errors}\n"));
}

#[tokio::test]
async fn groups_may_share_a_path_with_different_methods() {
    let router = Routes::new("/a").route("/", get(nothing));
    let other = Routes::new("").route("/a", post(nothing));
    let api = Api::new(vec![router, other], None).unwrap();
    let client = Client::of(api.router());
    assert_eq!(client.get("/a").await.status, 204);
    assert_eq!(client.post("/a", "").await.status, 204);
    let refused = client.send(http::Method::PUT, "/a", &[], "").await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET, HEAD, POST");
}

#[tokio::test]
async fn the_state_of_a_group_is_its_own() {
    async fn tell(State(text): State<&'static str>) -> String {
        text.to_owned()
    }
    let group = |name: &'static str| {
        Routes::new(format!("/{name}"))
            .route("/", get(tell))
            .with_state(name)
    };
    let client = Client::new(Routes::new("").merge(group("a")).merge(group("b")));
    assert_eq!(client.get("/a").await.body, "a");
    assert_eq!(client.get("/b").await.body, "b");
}

#[test]
fn operations_tell_what_they_take_and_give() {
    let routes = catalog::routes(catalog::Catalog::default());
    let table: Vec<String> = routes
        .operations()
        .map(|it| {
            let request = it
                .request()
                .map_or("-".to_owned(), |(name, media)| format!("{name} ({media})"));
            let responses: Vec<String> = it
                .responses()
                .map(|(status, name)| format!("{status} {}", name.unwrap_or("-")))
                .collect();
            let handler = it.handler().rsplit("::").next().unwrap();
            format!(
                "{} {} {handler} {request} → {}",
                it.method(),
                it.path(),
                responses.join(", ")
            )
        })
        .collect();
    assert_eq!(
        table,
        [
            "GET /products list - → 200 ProductViewPage",
            "POST /products create NewProduct (application/json) → 201 ProductView",
            "GET /products/{id} show - → 200 ProductView",
            "PATCH /products/{id} change ProductPatch (application/merge-patch+json) → 200 ProductView",
            "DELETE /products/{id} remove - → 204 -",
        ]
    );
}
