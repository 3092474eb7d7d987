//! Filters with operators.

use atlas_http::{
    Page, Routes, get,
    page::{Equal, List, Range, SortKey, Text},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::support::{Answer, Client};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TeaSort {
    Id,
}

impl SortKey for TeaSort {
    const UNIQUE: Self = Self::Id;
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TeaFilter {
    #[serde(default)]
    name: Text,
    /// What it costs.
    #[serde(default)]
    price: Range<i64>,
    #[serde(default)]
    picked: Range<chrono::NaiveDate>,
    #[serde(default)]
    sold: Equal<bool>,
    /// A plain one.
    origin: Option<String>,
}

/// Shows the filter itself.
async fn list(list: List<TeaSort, TeaFilter>) -> Page<Value> {
    let filter = &list.filter;
    let mut shown = Vec::new();
    for (field, terms) in [
        ("name", filter.name.terms()),
        ("price", filter.price.terms()),
        ("picked", filter.picked.terms()),
        ("sold", filter.sold.terms()),
    ] {
        shown.extend(
            terms
                .into_iter()
                .map(|(operator, operand)| json!([field, operator, operand])),
        );
    }
    shown.extend(filter.origin.iter().map(|it| json!(["origin", it])));
    Page::new(shown, None)
}

fn routes() -> Routes {
    Routes::new("/teas").route("/", get(list))
}

async fn ask(query: &str) -> Answer {
    Client::new(routes()).get(&format!("/teas?{query}")).await
}

#[tokio::test]
async fn operators_reach_the_handler_typed() {
    for (query, terms) in [
        ("", json!([])),
        (
            "filter[price][gte]=10&filter[price][lt]=20",
            json!([["price", "lt", 20], ["price", "gte", 10]]),
        ),
        ("filter%5Bprice%5D%5Beq%5D=-3", json!([["price", "eq", -3]])),
        ("price=7", json!([["price", "eq", 7]])),
        (
            "filter[price][in]=1&filter[price][in]=2",
            json!([["price", "in", [1, 2]]]),
        ),
        (
            "filter[name][contains]=cha&filter[name][ne]=10",
            json!([["name", "ne", "10"], ["name", "contains", "cha"]]),
        ),
        (
            "filter[picked][lte]=2026-11-22",
            json!([["picked", "lte", "2026-11-22"]]),
        ),
        (
            "filter[sold][eq]=true&filter[price][null]=false",
            json!([["price", "null", false], ["sold", "eq", true]]),
        ),
        (
            "origin=Uji&filter[name][in]=a,b",
            json!([["name", "in", ["a,b"]], ["origin", "Uji"]]),
        ),
    ] {
        let answer = ask(query).await;
        assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
        assert_eq!(answer.json()["items"], terms, "{query}");
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_and_told() {
    for (query, name) in [
        ("filter[colour][eq]=red", "filter[colour][eq]"),
        ("filter[price][like]=1", "filter[price][like]"),
        ("filter[name][lt]=a", "filter[name][lt]"),
        ("filter[sold][contains]=t", "filter[sold][contains]"),
        ("filter[origin][eq]=Uji", "filter[origin][eq]"),
        ("filter[price]=1", "filter[price]"),
        ("colour=red", "colour"),
    ] {
        let answer = ask(query).await;
        let problem = answer.problem(400, "unknown_parameter");
        assert_eq!(
            answer.faults(),
            [format!("query:{name} unknown")],
            "{query}"
        );
        let words = problem["errors"][0]["message"].as_str().unwrap();
        for allowed in [
            "`filter[price][gte]`",
            "`filter[name][contains]`",
            "`origin`",
            "`sort`",
        ] {
            assert!(words.contains(allowed), "{words}");
        }
    }
    let twice = ask("filter[price][eq]=1&filter[price][eq]=2").await;
    twice.problem(400, "duplicate_parameter");
    assert_eq!(twice.faults(), ["query:filter[price][eq] duplicate"]);
}

#[tokio::test]
async fn values_of_other_types_are_refused_where_they_stand() {
    for (query, fault) in [
        ("filter[price][gte]=cheap", "query:filter[price][gte] type"),
        (
            "filter[price][in]=1&filter[price][in]=x",
            "query:filter[price][in] type",
        ),
        ("filter[sold][eq]=1", "query:filter[sold][eq] type"),
        (
            "filter[price][null]=maybe",
            "query:filter[price][null] type",
        ),
        (
            "filter[name][contains]=",
            "query:filter[name][contains] min_length",
        ),
    ] {
        let answer = ask(query).await;
        assert_eq!(answer.status, 422, "{query}: {:?}", answer.body);
        assert_eq!(answer.faults(), [fault], "{query}");
    }
    let many: String = (0..101)
        .map(|at| format!("filter[price][in]={at}&"))
        .collect();
    assert_eq!(
        ask(many.trim_end_matches('&')).await.faults(),
        ["query:filter[price][in] max_items"]
    );
    let day = ask("filter[picked][lte]=yesterday").await;
    assert_eq!(day.status, 422);
    assert!(
        day.faults()[0].starts_with("query:filter[picked][lte] "),
        "{:?}",
        day.faults()
    );
}

#[test]
fn each_operator_is_a_parameter_of_the_document() {
    let api = atlas_http::Api::new(
        vec![routes()],
        Some(atlas_http::ApiInfo::new("Tea", "1.0.0")),
    )
    .unwrap();
    let document = api.openapi();
    let parameters = document["paths"]["/teas"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let find = |name: &str| parameters.iter().find(|it| it["name"] == name);
    let least = find("filter[price][gte]").unwrap();
    assert_eq!(
        (least["in"].as_str(), least["required"].as_bool()),
        (Some("query"), Some(false))
    );
    assert_eq!(least["schema"]["type"], "integer");
    assert_eq!(least["description"], "Is at least this value.");
    let some = find("filter[name][in]").unwrap();
    assert_eq!(
        (some["schema"]["type"].as_str(), some["explode"].as_bool()),
        (Some("array"), Some(true))
    );
    assert!(find("price").is_none() && find("filter[name][lt]").is_none());
    assert!(find("origin").is_some());
}
