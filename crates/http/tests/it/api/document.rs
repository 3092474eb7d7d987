//! The OpenAPI document: all of the router and nothing else, with the rules of the types.

use std::collections::BTreeSet;

use atlas_http::garde::Validate;
use atlas_http::openapi::differences;
use atlas_http::{Api, ApiInfo, Created, Json, NoContent, Path, Query, Routes, delete, get, post};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalog;
use super::support::{Client, golden};

fn api() -> Api {
    let info = ApiInfo::new("Catalog", "1.2.3").description("What there is to buy.");
    Api::new(
        vec![catalog::routes(catalog::Catalog::default())],
        Some(info),
    )
    .unwrap()
}

fn of(routes: Routes) -> Value {
    Api::new(vec![routes], None).unwrap().openapi()
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(move |(method, it)| (path, method, it))
    })
}

#[test]
fn the_document_of_the_catalog_is_as_committed() {
    let api = api();
    let text = api.openapi_json();
    golden("catalog.json", std::str::from_utf8(&text).unwrap());
    assert_eq!(api.openapi_json(), text);
}

#[tokio::test]
async fn router_and_document_know_the_same_operations() {
    let api = api();
    let client = Client::of(api.router());
    let document = api.openapi();
    let known: BTreeSet<(String, String)> = api
        .operations()
        .iter()
        .map(|it| (it.path().to_owned(), it.method().as_str().to_lowercase()))
        .collect();
    let documented: BTreeSet<(String, String)> = operations(&document)
        .map(|(path, method, _)| (path.clone(), method.clone()))
        .collect();
    assert_eq!(known, documented);
    assert_eq!(known.len(), 5);
    for path in document["paths"].as_object().unwrap().keys() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let uri = path.replace("{id}", "0192f0c1-7e1f-7000-8000-000000000001");
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = client.send(method.clone(), &uri, &[], "").await;
            let there = documented.contains(&(path.clone(), method.as_str().to_lowercase()));
            assert_eq!(answer.status != 405, there, "{method} {path}");
            if there && answer.status == 404 {
                assert_eq!(answer.json()["code"], "product_not_found");
            }
        }
    }
}

#[test]
fn every_operation_has_a_name_a_tag_a_summary_and_its_problems() {
    let document = api().openapi();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{at}");
        assert_eq!(operation["tags"], json!(["catalog"]), "{at}");
        assert!(operation["summary"].as_str().unwrap().len() > 3, "{at}");
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(
            responses["default"]["$ref"],
            "#/components/responses/Problem"
        );
        for (status, response) in responses {
            if status.starts_with('4') {
                let name = response["$ref"].as_str().unwrap();
                let shared = document.pointer(&name[1..]).unwrap();
                let schema = &shared["content"]["application/problem+json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{at}");
            }
        }
    }
}

/// Every object with fields stands under a name of its own, and every reference leads somewhere.
#[test]
fn no_schema_is_anonymous_and_no_reference_is_broken() {
    fn walk(at: &str, value: &Value, document: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(&target[1..]).is_some(), "{at}: {target}");
                }
                let named = at.matches('/').count() == 3 && at.starts_with("/components/schemas/");
                assert!(
                    !map.contains_key("properties") || named || at.ends_with("/properties"),
                    "{at}"
                );
                map.iter()
                    .for_each(|(name, it)| walk(&format!("{at}/{name}"), it, document));
            }
            Value::Array(items) => items
                .iter()
                .for_each(|it| walk(&format!("{at}/-"), it, document)),
            _ => {}
        }
    }
    let document = api().openapi();
    walk("", &document, &document);
}

#[test]
fn the_rules_of_a_type_are_in_its_schema() {
    let document = api().openapi();
    let schemas = &document["components"]["schemas"];
    let product = &schemas["NewProduct"];
    assert_eq!(product["additionalProperties"], false);
    assert_eq!(product["required"], json!(["name", "price"]));
    assert_eq!(product["properties"]["name"]["minLength"], 1);
    assert_eq!(product["properties"]["name"]["maxLength"], 80);
    assert_eq!(product["properties"]["categories"]["maxItems"], 8);
    assert_eq!(
        product["properties"]["categories"]["items"]["maxLength"],
        40
    );
    let money = &schemas["Money"]["properties"];
    assert_eq!(money["nanos"]["maximum"], 999_999_999);
    assert_eq!(money["units"]["maximum"], i64::MAX);
    assert_eq!(money["currency_code"]["pattern"], "^[A-Z]{3}$");
}

#[test]
fn parameters_come_from_the_types_of_the_handler() {
    let document = api().openapi();
    let list = document["paths"]["/products"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let named = |name: &str| list.iter().find(|it| it["name"] == name).unwrap();
    let category = named("category");
    assert_eq!(category["in"], "query");
    assert_eq!(category["required"], false);
    assert_eq!(
        category["schema"],
        json!({ "type": "string", "minLength": 1, "maxLength": 40 })
    );
    assert_eq!(category["description"], "Only products of this category.");
    assert_eq!(
        named("sort")["schema"]["items"]["enum"],
        json!(["name", "-name", "id", "-id"])
    );
    assert_eq!(named("limit")["schema"]["default"], 20);
    let show = &document["paths"]["/products/{id}"]["get"]["parameters"][0];
    assert_eq!(show["in"], "path");
    assert_eq!(show["required"], true);
    assert_eq!(
        show["schema"],
        json!({ "type": "string", "format": "uuid" })
    );
}

#[test]
fn statuses_and_headers_come_from_the_type_of_the_answer() {
    let document = api().openapi();
    let created = &document["paths"]["/products"]["post"]["responses"]["201"];
    assert!(created["headers"]["Location"].is_object());
    let schema = &created["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/ProductView");
    let page = &document["paths"]["/products"]["get"]["responses"]["200"];
    assert!(page["headers"]["Link"].is_object());
    let deleted = &document["paths"]["/products/{id}"]["delete"]["responses"]["204"];
    assert!(deleted.get("content").is_none());
    let patch = &document["paths"]["/products/{id}"]["patch"]["requestBody"];
    assert_eq!(patch["required"], true);
    assert!(patch["content"]["application/merge-patch+json"].is_object());
}

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Settings {
    #[serde(default)]
    theme: Theme,
    #[serde(default)]
    size: u8,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct Theme {
    name: String,
}

async fn settings(Json(it): Json<Settings>) -> Json<Settings> {
    Json(it)
}

#[test]
fn a_type_that_is_read_and_written_differently_has_two_schemas() {
    let document = of(Routes::new("").route("/settings", post(settings)));
    let operation = &document["paths"]["/settings"]["post"];
    let read = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(read, "#/components/schemas/SettingsInput");
    let written = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(written, "#/components/schemas/Settings");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let required = |name: &str| schemas[name].get("required").cloned();
    assert_eq!(required("SettingsInput"), None);
    assert_eq!(required("Settings"), Some(json!(["theme", "size"])));
    assert!(
        !schemas.contains_key("ThemeInput"),
        "both ways are the same"
    );
}

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
struct Payment {
    by: PayBy,
    fallback: Card,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum PayBy {
    Card(Card),
    Cash,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Card {
    number: String,
}

async fn pay(Json(it): Json<Payment>) -> Json<Payment> {
    Json(it)
}

#[test]
fn a_type_that_is_read_and_written_alike_has_one_schema_that_is_closed() {
    let document = of(Routes::new("").route("/payments", post(pay)));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names: Vec<&String> = schemas.keys().collect();
    assert_eq!(names, ["Card", "Fault", "PayBy", "Payment", "Problem"]);
    assert_eq!(schemas["Card"]["additionalProperties"], false);
    let card = &schemas["PayBy"]["oneOf"][0];
    assert_eq!(card["additionalProperties"], false);
    assert!(card["properties"]["number"].is_object() && card["properties"]["kind"].is_object());
}

async fn index() -> NoContent {
    NoContent
}

async fn create_thing(_: Query<Settings>) -> Created<u8> {
    Created::at("/things/1", 1)
}

async fn drop_one(_: Path<(u8, String)>) -> NoContent {
    NoContent
}

#[test]
fn names_are_made_from_handlers_and_can_be_set() {
    let routes = Routes::new("/things")
        .route(
            "/",
            get(index)
                .summary("All things")
                .id("allThings")
                .deprecated()
                .post(create_thing),
        )
        .route(
            "/{a}/{*b}",
            delete(drop_one)
                .description("Gone for good.")
                .tag("rare")
                .problem(409),
        )
        .route("/secret", get(index).hidden());
    let document = of(routes);
    let all = &document["paths"]["/things"]["get"];
    assert_eq!(
        (&all["summary"], &all["operationId"], &all["deprecated"]),
        (&json!("All things"), &json!("allThings"), &json!(true))
    );
    let create = &document["paths"]["/things"]["post"];
    assert_eq!(
        (&create["summary"], &create["operationId"]),
        (&json!("Create thing"), &json!("things_create_thing"))
    );
    let one = &document["paths"]["/things/{a}/{b}"]["delete"];
    assert_eq!(
        (&one["description"], &one["tags"]),
        (&json!("Gone for good."), &json!(["rare"]))
    );
    assert_eq!(
        one["responses"]["409"]["$ref"],
        "#/components/responses/Conflict"
    );
    let names: Vec<_> = one["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(document["paths"].as_object().unwrap().len(), 2);
    assert_eq!(document["tags"], json!([{ "name": "rare" }]));
}

#[test]
fn two_handlers_of_one_name_get_identifiers_that_differ() {
    let routes = Routes::new("")
        .route("/a", get(index))
        .route("/b", get(index))
        .tag("x");
    let document = of(routes);
    let ids: Vec<_> = operations(&document)
        .map(|(_, _, it)| it["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["x_index_get_a", "x_index_get_b"]);
}

#[test]
fn a_document_that_has_drifted_is_told_apart_from_one_that_is_laid_out_differently() {
    let document = api().openapi();
    let compact = document.to_string();
    assert_eq!(differences(&compact, &document).unwrap(), []);
    let mut old = document.clone();
    old["paths"]["/products"]
        .as_object_mut()
        .unwrap()
        .remove("post");
    old["paths"]["/teas"] = json!({});
    old["components"]["schemas"]["NewProduct"]["properties"]["name"]["maxLength"] = json!(40);
    old["components"]["schemas"]["NewProduct"]["required"] = json!(["name"]);
    let found = differences(&old.to_string(), &document).unwrap();
    let said: BTreeSet<String> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "+ /paths/~1products/post",
        "- /paths/~1teas",
        "~ /components/schemas/NewProduct/properties/name/maxLength: 40 → 80",
        "~ /components/schemas/NewProduct/required: [\"name\"] → [\"name\",\"price\"]",
    ];
    assert_eq!(said, expected.map(str::to_owned).into());
    assert!(differences("not json", &document).is_err());
}
