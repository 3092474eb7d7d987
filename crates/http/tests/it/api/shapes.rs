//! Every way in which serde lays out a type is read, and closed against what does not belong to it.

use std::collections::BTreeMap;

use atlas_http::garde::Validate;
use atlas_http::{Json, Query, Routes, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::support::Client;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Shapes {
    #[serde(flatten)]
    common: Common,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    pair: (u8, String),
    map: BTreeMap<String, Inner>,
    maybe: Option<Inner>,
    #[serde(default = "five")]
    number: u8,
    free: Value,
}

fn five() -> u8 {
    5
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Common {
    a: u8,
    b: Option<u8>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Inner {
    x: u8,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum External {
    Unit,
    New(Inner),
    Named { y: u8 },
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    New(Inner),
    Named { y: u8 },
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    New(Inner),
    Named { y: u8 },
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(u32),
    Text(String),
    Object { z: u8 },
}

async fn echo(Json(it): Json<Shapes>) -> Json<Shapes> {
    Json(it)
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Flattened {
    #[serde(flatten)]
    common: Common,
    c: bool,
}

async fn query(Query(it): Query<Flattened>) -> Json<Flattened> {
    Json(it)
}

fn client() -> Client {
    let routes = Routes::new("")
        .route("/shapes", post(echo))
        .route("/query", get(query));
    Client::new(routes)
}

fn sound() -> Value {
    json!({
        "a": 1, "b": null,
        "external": "Unit", "internal": { "kind": "Unit" }, "adjacent": { "t": "Unit" }, "untagged": 7,
        "pair": [1, "x"], "map": { "one": { "x": 1 }, "two": { "x": 2 } }, "maybe": { "x": 3 },
        "number": 6, "free": [{ "any": 1.5 }, null],
    })
}

#[tokio::test]
async fn every_layout_is_read() {
    let client = client();
    for (name, values) in [
        (
            "external",
            vec![
                json!("Unit"),
                json!({ "New": { "x": 1 } }),
                json!({ "Named": { "y": 1 } }),
            ],
        ),
        (
            "internal",
            vec![
                json!({ "kind": "Unit" }),
                json!({ "kind": "New", "x": 1 }),
                json!({ "kind": "Named", "y": 1 }),
            ],
        ),
        (
            "adjacent",
            vec![
                json!({ "t": "Unit" }),
                json!({ "t": "New", "c": { "x": 1 } }),
                json!({ "t": "Named", "c": { "y": 1 } }),
            ],
        ),
        ("untagged", vec![json!(1), json!("text"), json!({ "z": 1 })]),
        ("maybe", vec![json!(null), json!({ "x": 1 })]),
        (
            "free",
            vec![json!(null), json!("x"), json!({ "a": { "b": [1] } })],
        ),
        ("map", vec![json!({})]),
    ] {
        for value in values {
            let mut body = sound();
            body[name] = value;
            let answer = client.post("/shapes", &body.to_string()).await;
            assert_eq!(answer.status, 200, "{body}: {:?}", answer.body);
            assert_eq!(answer.json(), body);
        }
    }
    let mut body = sound();
    let fields = body.as_object_mut().unwrap();
    for optional in ["b", "maybe", "number"] {
        fields.remove(optional);
    }
    let answer = client.post("/shapes", &body.to_string()).await;
    assert_eq!(answer.json()["number"], 5);
}

#[tokio::test]
async fn what_does_not_belong_is_refused_in_every_layout() {
    let client = client();
    let mut taken = Vec::new();
    for (pointer, value) in [
        ("/more", json!(1)),
        ("/map/one/more", json!(1)),
        ("/maybe/more", json!(1)),
        ("/pair", json!([1, "x", 2])),
        ("/pair", json!([1])),
        ("/external", json!({ "Named": { "y": 1, "more": 1 } })),
        ("/external", json!({ "New": { "x": 1, "more": 1 } })),
        ("/external", json!({ "New": { "x": 1 }, "more": 1 })),
        ("/external", json!("Other")),
        ("/internal", json!({ "kind": "Named", "y": 1, "more": 1 })),
        ("/internal", json!({ "kind": "Other" })),
        (
            "/adjacent",
            json!({ "t": "Named", "c": { "y": 1, "more": 1 } }),
        ),
        ("/untagged", json!({ "z": 1, "more": 1 })),
        ("/untagged", json!([1])),
        ("/untagged", json!(-1)),
    ] {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut body = sound();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.insert(name.to_owned(), value.clone());
        let answer = client.post("/shapes", &body.to_string()).await;
        let faults = answer.faults();
        let placed = faults.iter().all(|it| it.starts_with(pointer));
        if answer.status != 422 || !placed {
            taken.push(format!("{pointer} {value}: {} {faults:?}", answer.status));
        }
    }
    assert_eq!(taken, Vec::<String>::new());
}

#[tokio::test]
async fn flattened_parameters_are_parameters() {
    let client = client();
    let answer = client.get("/query?a=1&b=2&c=true").await;
    assert_eq!(answer.json(), json!({ "a": 1, "b": 2, "c": true }));
    assert_eq!(
        client.get("/query?a=1&c=false").await.json()["b"],
        Value::Null
    );
    let answer = client.get("/query?a=300&c=x&d=1").await;
    answer.problem(400, "unknown_parameter");
    assert_eq!(
        answer.faults(),
        ["query:a maximum", "query:c type", "query:d unknown"]
    );
}
