//! Parameters of the query string and of the path.

use atlas_http::garde::Validate;
use atlas_http::{Api, Form, Headers, Json, Path, Query, Routes, get, post};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::Client;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Search {
    #[garde(length(chars, min = 2, max = 5))]
    q: String,
    #[garde(range(min = 1, max = 10))]
    size: Option<u32>,
    exact: Option<bool>,
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    id: Vec<u64>,
    kind: Option<Kind>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    GreenTea,
    Coffee,
}

async fn search(Query(it): Query<Search>) -> Json<Search> {
    Json(it)
}

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Flat {
    #[garde(range(min = 1))]
    a: i8,
    #[garde(skip)]
    b: Option<f64>,
}

async fn flat(Query(it): Query<Flat>) -> Json<Flat> {
    Json(it)
}

/// Letters only, which its schema says and nothing else checks.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Code(#[schemars(regex(pattern = "^[a-z]{2,4}$"))] String);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    shop: Code,
    shelf: u8,
}

async fn one(Path(id): Path<Uuid>) -> Json<Uuid> {
    Json(id)
}

async fn two(Path((shop, shelf)): Path<(Code, u8)>) -> Json<(Code, u8)> {
    Json((shop, shelf))
}

async fn named(Path(place): Path<Place>) -> Json<Place> {
    Json(place)
}

async fn both(Path(_): Path<Uuid>, Query(_): Query<Flat>) -> Json<()> {
    Json(())
}

async fn rest(Path(rest): Path<String>) -> Json<String> {
    Json(rest)
}

fn client() -> Client {
    Client::new(
        Routes::new("")
            .route("/search", get(search))
            .route("/flat", get(flat))
            .route("/one/{id}", get(one))
            .route("/two/{shop}/{shelf}", get(two))
            .route("/named/{shelf}/{shop}", get(named))
            .route("/both/{id}", get(both))
            .route("/rest/{*rest}", get(rest)),
    )
}

#[tokio::test]
async fn a_query_string_becomes_a_struct() {
    let client = client();
    let answer = client
        .get("/search?q=t%C3%A9a&size=3&exact=true&tag=a+b&tag=c%26&id=7&id=18446744073709551615&kind=green_tea")
        .await;
    assert_eq!(
        answer.json(),
        json!({ "q": "téa", "size": 3, "exact": true, "tag": ["a b", "c&"], "id": [7, u64::MAX], "kind": "green_tea" })
    );
    let answer = client.get("/search?q=12").await;
    assert_eq!(answer.json()["q"], "12");
    assert_eq!(answer.json()["tag"], json!([]));
    assert_eq!(
        client.get("/flat?a=5&b=1.5").await.json(),
        json!({ "a": 5, "b": 1.5 })
    );
    assert_eq!(client.get("/flat?a=5&b=2").await.json()["b"], 2.0);
}

#[tokio::test]
async fn every_fault_of_a_query_string_is_reported_with_its_parameter() {
    let client = client();
    for (query, status, faults) in [
        ("", 422, vec!["query:q required"]),
        (
            "q=a&size=0&exact=maybe&id=1&id=x&kind=tea",
            422,
            vec![
                "query:exact type",
                "query:id type",
                "query:kind enum",
                "query:q min_length",
                "query:size minimum",
            ],
        ),
        (
            "q=ab&size=&exact=TRUE",
            422,
            vec!["query:exact type", "query:size type"],
        ),
        ("q=ab&size=+1", 422, vec!["query:size type"]),
        ("q=ab&size=007", 422, vec!["query:size type"]),
        (
            "q=ab&size=99999999999999999999",
            422,
            vec!["query:size type"],
        ),
        (
            "q=ab&siez=3&size=11",
            400,
            vec!["query:size maximum", "query:siez unknown"],
        ),
        ("q=ab&q=cd", 400, vec!["query:q duplicate"]),
    ] {
        let answer = client.get(&format!("/search?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        let mut expected: Vec<String> = faults.into_iter().map(str::to_owned).collect();
        expected.sort();
        assert_eq!(answer.faults(), expected, "{query}");
    }
}

#[tokio::test]
async fn the_quick_way_to_read_a_query_refuses_the_same() {
    let client = client();
    for (query, status, faults) in [
        ("a=0", 422, vec!["query:a minimum"]),
        ("a=128&b=x", 422, vec!["query:a maximum", "query:b type"]),
        ("a=1&a=2", 400, vec!["query:a duplicate"]),
        ("a=1&c=2", 400, vec!["query:c unknown"]),
        ("b=1", 422, vec!["query:a required"]),
    ] {
        let answer = client.get(&format!("/flat?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.faults()),
            (status, faults.into_iter().map(str::to_owned).collect()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_told_the_ones_that_there_are() {
    let answer = client().get("/flat?a=1&bb=2").await;
    answer.problem(400, "unknown_parameter");
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "unknown parameter; there are `a`, `b`"
    );
}

#[tokio::test]
async fn a_path_becomes_a_value_a_tuple_or_a_struct() {
    let client = client();
    let id = "0192f0c1-7e1f-7000-8000-000000000001";
    assert_eq!(client.get(&format!("/one/{id}")).await.json(), id);
    assert_eq!(client.get("/two/abc/7").await.json(), json!(["abc", 7]));
    let named = client.get("/named/7/abc").await.json();
    assert_eq!(named, json!({ "shop": "abc", "shelf": 7 }));
    assert_eq!(client.get("/rest/a/b%2Fc").await.json(), "a/b/c");
}

#[tokio::test]
async fn every_fault_of_a_path_is_reported_with_its_parameter() {
    let client = client();
    for (path, faults) in [
        ("/one/7", vec!["path:id format"]),
        (
            "/two/ABC/300",
            vec!["path:shelf maximum", "path:shop pattern"],
        ),
        ("/two/abc/x", vec!["path:shelf type"]),
        (
            "/named/-1/a",
            vec!["path:shelf minimum", "path:shop pattern"],
        ),
        (
            "/both/7?a=0&b=x",
            vec!["path:id format", "query:a minimum", "query:b type"],
        ),
    ] {
        let answer = client.get(path).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.faults(), faults, "{path}");
    }
    let answer = client.get("/both/7?z=1").await;
    answer.problem(400, "unknown_parameter");
    assert_eq!(
        answer.faults(),
        ["path:id format", "query:a required", "query:z unknown"]
    );
    client.get("/rest/%ff").await.problem(400, "malformed");
}

#[tokio::test]
async fn hostile_texts_are_answered_and_never_break_anything() {
    let client = client();
    for text in [
        "%00",
        "%F0%9F%8D%B5",
        "'%20OR%201=1--",
        "%25%25",
        "%",
        "%zz",
        "%ff",
        "a%0d%0aX:y",
    ] {
        let answer = client.get(&format!("/search?q={text}")).await;
        assert!(answer.status == 200 || answer.status == 422, "{text}");
        let _: Value = answer.json();
    }
}

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "kebab-case")]
struct Wanted {
    #[garde(range(min = 1, max = 3))]
    x_api_version: u8,
    #[garde(length(chars, max = 5))]
    x_note: Option<String>,
}

async fn headers(Headers(it): Headers<Wanted>) -> Json<Wanted> {
    Json(it)
}

async fn form(Form(it): Form<Search>) -> Json<Search> {
    Json(it)
}

#[tokio::test]
async fn headers_become_a_struct() {
    let api = Api::new(vec![Routes::new("/headers").route("/", get(headers))], None).unwrap();
    let client = Client::of(api.router());
    let send =
        async |headers: &[(&str, &str)]| client.send(Method::GET, "/headers", headers, "").await;
    let sound = send(&[("X-Api-Version", "2"), ("x-other", "?")]).await;
    assert_eq!(sound.json(), json!({ "x-api-version": 2, "x-note": null }));
    let missing = send(&[]).await;
    missing.problem(422, "invalid");
    assert_eq!(missing.faults(), ["header:x-api-version required"]);
    let wrong = send(&[("x-api-version", "9"), ("x-note", "much too long")]).await;
    assert_eq!(
        wrong.faults(),
        ["header:x-api-version maximum", "header:x-note max_length"]
    );
    let listed = &api.openapi()["paths"]["/headers"]["get"]["parameters"];
    assert_eq!(
        (&listed[0]["in"], &listed[0]["name"]),
        (&json!("header"), &json!("x-api-version"))
    );
    assert_eq!(
        (&listed[0]["required"], &listed[1]["required"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        listed[1]["schema"],
        json!({ "type": "string", "maxLength": 5 })
    );
}

#[tokio::test]
async fn a_form_becomes_a_struct() {
    let client = Client::new(Routes::new("/form").route("/", post(form)));
    let send = async |body: &'static str, media: &'static str| {
        let headers = [("content-type", media)];
        client.send(Method::POST, "/form", &headers, body).await
    };
    let media = "application/x-www-form-urlencoded";
    let sound = send("q=t%C3%A9a&size=3&tag=a+b&tag=c", media).await;
    assert_eq!(sound.json()["tag"], json!(["a b", "c"]));
    assert_eq!(sound.json()["q"], "téa");
    let wrong = send("q=x&size=0&more=1", media).await;
    wrong.problem(422, "invalid");
    assert_eq!(
        wrong.faults(),
        ["/more unknown", "/q min_length", "/size minimum"]
    );
    let twice = send("q=ab&q=cd", media).await;
    twice.problem(400, "malformed");
    assert_eq!(twice.faults(), ["/q duplicate"]);
    send("q=ab", "application/json")
        .await
        .problem(415, "unsupported_media_type");
}
