//! Bodies: every fault at once, each at its place.

use atlas_http::garde::{self, Validate};
use atlas_http::{Field, Json, NoContent, Patch, Routes, patch, post};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::support::Client;

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Order {
    #[garde(length(chars, min = 1, max = 10))]
    name: String,
    #[garde(range(min = 1, max = 99))]
    count: u8,
    #[garde(skip)]
    gift: bool,
    #[garde(length(min = 1, max = 3), dive)]
    lines: Vec<Line>,
    #[garde(dive)]
    ship: Option<Line>,
}

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Line {
    #[garde(length(chars, min = 3))]
    unit_name: String,
    #[garde(range(min = 0))]
    unit_price: i64,
}

async fn echo(Json(order): Json<Order>) -> Json<Order> {
    Json(order)
}

/// The same rules, and unknown fields are not denied by serde.
#[derive(Serialize, Deserialize, JsonSchema, Validate)]
struct Loose {
    #[garde(length(chars, min = 1))]
    name: String,
    #[garde(skip)]
    #[serde(default)]
    more: std::collections::BTreeMap<String, Value>,
}

async fn echo_loose(Json(it): Json<Loose>) -> Json<Loose> {
    Json(it)
}

/// A rule that no schema can say.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Span {
    #[garde(skip)]
    from: u32,
    #[garde(custom(after(self.from)))]
    until: u32,
}

fn after(from: u32) -> impl FnOnce(&u32, &()) -> garde::Result {
    move |until, ()| {
        if *until > from {
            Ok(())
        } else {
            Err(garde::Error::new("must be after `from`"))
        }
    }
}

async fn span(_: Json<Span>) -> NoContent {
    NoContent
}

#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Change {
    #[garde(skip)]
    #[serde(default)]
    note: Field<String>,
}

async fn change(Patch(it): Patch<Change>) -> Json<Value> {
    Json(match it.note {
        Field::Absent => json!("absent"),
        Field::Null => json!("null"),
        Field::Value(text) => json!({ "set": text }),
    })
}

fn client() -> Client {
    Client::new(
        Routes::new("")
            .route("/orders", post(echo))
            .route("/loose", post(echo_loose))
            .route("/spans", post(span))
            .route("/changes", patch(change)),
    )
}

fn sound() -> Value {
    json!({
        "name": "tea", "count": 2, "gift": false, "ship": null,
        "lines": [
            { "unitName": "green", "unitPrice": 4 },
            { "unitName": "black", "unitPrice": 0 },
        ],
    })
}

#[tokio::test]
async fn a_sound_body_is_taken_as_it_is() {
    let answer = client().post("/orders", &sound().to_string()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), sound());
    assert_eq!(answer.header("content-type"), "application/json");
}

/// A fault that can be planted anywhere without touching the others: JSON Pointer, value (or none to remove), place and
/// code of the fault that must be reported.
fn plantable() -> Vec<(&'static str, Option<Value>, &'static str)> {
    vec![
        ("/name", Some(json!("")), "/name min_length"),
        ("/count", Some(json!(100)), "/count maximum"),
        ("/gift", Some(json!("no")), "/gift type"),
        (
            "/lines/0/unitName",
            Some(json!("é")),
            "/lines/0/unitName min_length",
        ),
        (
            "/lines/0/unitPrice",
            Some(json!(-1)),
            "/lines/0/unitPrice minimum",
        ),
        ("/lines/1/unitName", None, "/lines/1/unitName required"),
        (
            "/lines/1/unitPrice",
            Some(json!(1.5)),
            "/lines/1/unitPrice type",
        ),
        (
            "/lines/1/extra~0",
            Some(json!(1)),
            "/lines/1/extra~0 unknown",
        ),
        ("/ship", Some(json!([])), "/ship type"),
        ("/more", Some(json!({})), "/more unknown"),
    ]
}

#[tokio::test]
async fn every_combination_of_faults_is_reported_completely() {
    let client = client();
    let faults = plantable();
    for chosen in 1_u32..1 << faults.len() {
        let mut body = sound();
        let mut expected = Vec::new();
        for (at, (pointer, value, fault)) in faults.iter().enumerate() {
            if chosen & 1 << at == 0 {
                continue;
            }
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match value {
                Some(value) => parent.insert(name.replace("~0", "~"), value.clone()),
                None => parent.remove(name),
            };
            expected.push((*fault).to_owned());
        }
        expected.sort();
        let answer = client.post("/orders", &body.to_string()).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.faults(), expected, "{body}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let client = client();
    let deep = "[".repeat(1000);
    for bad in [
        "",
        "{",
        "nonsense",
        "{\"name\": \"tea\",}",
        "{} {}",
        &deep,
        "\u{feff}{}",
    ] {
        let answer = client.post("/orders", bad).await;
        let problem = answer.problem(400, "malformed");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("the body is"), "{detail}");
    }
    let headers = [("content-type", "application/json")];
    let answer = client
        .send(Method::POST, "/orders", &headers, vec![b'"', 0xff, b'"'])
        .await;
    answer.problem(400, "malformed");
}

#[tokio::test]
async fn a_key_given_twice_is_malformed_everywhere() {
    let client = client();
    let twice = r#"{"name":"a","name":"b","count":1,"gift":true,"lines":[{"unitName":"abc","unitPrice":1,"unitPrice":2}]}"#;
    let answer = client.post("/orders", twice).await;
    answer.problem(400, "malformed");
    assert_eq!(
        answer.faults(),
        ["/lines/0/unitPrice duplicate", "/name duplicate"]
    );
    // in a map and in a free value serde would take the last one
    let answer = client
        .post("/loose", r#"{"name":"a","more":{"x":{"y":1,"y":2},"x":3}}"#)
        .await;
    answer.problem(400, "malformed");
    assert_eq!(
        answer.faults(),
        ["/more/x duplicate", "/more/x/y duplicate"]
    );
}

#[tokio::test]
async fn a_body_of_endless_faults_gets_an_answer_that_ends() {
    let client = client();
    let many = |one: &str| vec![one; 5000].join(",");
    let bodies = [
        format!("{{{}}}", many("\"a\":1")),
        format!("{{\"name\":\"a\",\"more\":{{{}}}}}", many("\"a\":1")),
        format!(
            "{{\"name\":\"tea\",\"count\":1,\"gift\":true,\"lines\":[{}]}}",
            many("{}")
        ),
    ];
    for (body, path) in bodies.iter().zip(["/orders", "/loose", "/orders"]) {
        let answer = client.post(path, body).await;
        assert!(answer.status.is_client_error());
        assert_eq!(answer.faults().len(), 100);
    }
}

#[tokio::test]
async fn unknown_fields_are_refused_even_where_serde_would_take_them() {
    let client = client();
    let answer = client.post("/loose", r#"{"nmae":"b"}"#).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.faults(), ["/name required", "/nmae unknown"]);
    let message = answer.json()["errors"][1]["message"].to_string();
    assert!(message.contains("did you mean `name`"), "{message}");
    let answer = client
        .post("/loose", r#"{"name":"a","more":{"b":1}}"#)
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_list_is_no_struct() {
    let client = client();
    for bad in [
        r#"["tea", 2, false, [], null]"#,
        r#"{"name":"tea","count":2,"gift":false,"lines":[["abc", 1]]}"#,
    ] {
        client.post("/orders", bad).await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn an_integer_may_be_written_as_json_schema_allows() {
    let mut body = sound();
    body["count"] = json!(2.0);
    let answer = client().post("/orders", &body.to_string()).await;
    assert_eq!(answer.json(), sound());
}

#[tokio::test]
async fn rules_that_only_garde_knows_are_reported_too() {
    let client = client();
    let answer = client.post("/spans", r#"{"from": 2, "until": 2}"#).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.faults(), ["/until invalid"]);
    let answer = client.post("/spans", r#"{"from": 1, "until": 2}"#).await;
    assert_eq!(answer.status, 204);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_patch_tells_absent_from_null() {
    let client = client();
    let send = async |body: &'static str, media: &'static str| {
        let headers = [("content-type", media)];
        client.send(Method::PATCH, "/changes", &headers, body).await
    };
    let media = "application/merge-patch+json";
    assert_eq!(send("{}", media).await.json(), "absent");
    assert_eq!(send(r#"{"note": null}"#, media).await.json(), "null");
    let set = send(r#"{"note": "x"}"#, media).await;
    assert_eq!(set.json(), json!({ "set": "x" }));
    assert_eq!(send("{}", "application/json").await.json(), "absent");
    send("{}", "application/vnd.x+json")
        .await
        .problem(415, "unsupported_media_type");
    let wrong = send(r#"{"note": 1}"#, media).await;
    wrong.problem(422, "invalid");
    assert_eq!(wrong.faults(), ["/note type"]);
}

#[tokio::test]
async fn a_packed_body_is_refused_and_said_to_be_so() {
    let client = client();
    let send = async |encoding: &'static str| {
        let headers = [
            ("content-type", "application/json"),
            ("content-encoding", encoding),
        ];
        client
            .send(Method::POST, "/orders", &headers, sound().to_string())
            .await
    };
    let refused = send("gzip").await;
    refused.problem(415, "unsupported_media_type");
    assert_eq!(refused.header("accept-encoding"), "identity");
    assert_eq!(send("identity").await.status, 200);
}
