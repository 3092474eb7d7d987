//! Types, bounds, names and formats.

use std::collections::BTreeMap;

use schemars::{JsonSchema, json_schema};
use serde_json::{Value, json};

use crate::support::{said, said_of};

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only the schema is used")]
struct Order {
    #[schemars(length(min = 2, max = 5))]
    name: String,
    #[schemars(range(min = 1, max = 10))]
    count: u32,
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    currency: String,
    #[schemars(length(min = 1, max = 2))]
    lines: Vec<Line>,
    note: Option<String>,
    address: Option<Address>,
    labels: Option<BTreeMap<String, u8>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only the schema is used")]
struct Line {
    id: uuid::Uuid,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only the schema is used")]
struct Address {
    street: String,
    #[schemars(email)]
    email: String,
}

fn good() -> Value {
    json!({
        "name": "tea",
        "count": 3,
        "currency": "EUR",
        "lines": [{ "id": "0193b6a0-7f3c-7d31-9c1a-2b5f0c9d8e7f" }],
        "note": null,
        "address": { "street": "Main", "email": "a@example.com" },
        "labels": { "weight": 255 },
    })
}

#[test]
fn a_good_value_has_no_violations() {
    assert_eq!(said_of::<Order>(&good()), [""; 0]);
}

#[test]
fn every_broken_rule_is_reported_at_once() {
    let value = json!({
        "name": "x",
        "count": 11,
        "currency": "euro",
        "lines": [{ "id": "7" }, { "idd": 1 }, {}],
        "note": 5,
        "address": { "email": "nobody" },
        "labels": { "a/b~c": 256 },
        "colour": "red",
    });
    assert_eq!(
        said_of::<Order>(&value),
        [
            "/address/street required: is required",
            "/address/email format: must be an email address such as `name@example.com`",
            "/colour unknown: unknown field `colour`",
            "/count maximum: must be at most 10",
            "/currency pattern: must match the pattern `^[A-Z]{3}$`",
            "/labels/a~1b~0c maximum: must be at most 255",
            "/lines max_items: must have at most 2 items",
            "/lines/0/id format: must be a UUID such as `0193b6a0-7f3c-7d31-9c1a-2b5f0c9d8e7f`",
            "/lines/1/id required: is required",
            "/lines/1/idd unknown: unknown field `idd`; did you mean `id`?",
            "/lines/2/id required: is required",
            "/name min_length: must have at least 2 characters",
            "/note type: expected a string, found an integer",
        ]
    );
}

#[test]
fn a_wrong_type_is_one_violation_however_many_rules_follow() {
    assert_eq!(
        said_of::<Order>(&json!([])),
        [" type: expected an object, found an array"]
    );
    let mut value = good();
    value["count"] = json!("3");
    assert_eq!(
        said_of::<Order>(&value),
        ["/count type: expected an integer, found a string"]
    );
    value["count"] = json!(3.0);
    assert_eq!(
        said_of::<Order>(&value),
        ["/count type: expected an integer, found a number with a fraction"]
    );
}

#[test]
fn an_optional_struct_is_judged_as_the_struct() {
    let mut value = good();
    value["address"] = json!({ "street": 1, "email": "a@example.com" });
    assert_eq!(
        said_of::<Order>(&value),
        ["/address/street type: expected a string, found an integer"]
    );
    value["address"] = json!("Main street");
    assert_eq!(
        said_of::<Order>(&value),
        ["/address type: expected an object, found a string"]
    );
}

#[test]
fn integers_are_held_to_the_bounds_of_their_rust_type() {
    assert_eq!(
        said_of::<u32>(&json!(4_294_967_296_u64)),
        [" maximum: must be at most 4294967295"]
    );
    assert_eq!(
        said_of::<i32>(&json!(-2_147_483_649_i64)),
        [" minimum: must be at least -2147483648"]
    );
    assert_eq!(said_of::<u64>(&json!(-1)), [" minimum: must be at least 0"]);
    assert_eq!(said_of::<u64>(&json!(u64::MAX)), [""; 0]);
    assert_eq!(
        said_of::<i64>(&json!(u64::MAX)),
        [" maximum: must be at most 9223372036854775807"]
    );
    assert_eq!(
        said_of::<std::num::NonZeroU16>(&json!(0)),
        [" minimum: must be at least 1"]
    );
}

#[test]
fn numbers_obey_exclusive_bounds_and_steps() {
    let schema = json_schema!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.1 });
    assert_eq!(said(&schema, &json!(0.3)), [""; 0]);
    assert_eq!(said(&schema, &json!(0)), [" minimum: must be more than 0"]);
    assert_eq!(said(&schema, &json!(1)), [" maximum: must be less than 1"]);
    assert_eq!(
        said(&schema, &json!(0.35)),
        [" multiple_of: must be a multiple of 0.1"]
    );
}

#[test]
fn sets_and_tuples_are_checked_by_item() {
    let set = json_schema!({ "type": "array", "uniqueItems": true, "minItems": 1, "items": { "type": "string" } });
    assert_eq!(
        said(&set, &json!([])),
        [" min_items: must have at least 1 item"]
    );
    assert_eq!(
        said(&set, &json!(["a", "a"])),
        [" unique_items: must not have an item twice"]
    );
    assert_eq!(
        said_of::<(u8, bool)>(&json!([1, 2])),
        ["/1 type: expected a boolean, found an integer"]
    );
    assert_eq!(
        said_of::<(u8, bool)>(&json!([1])),
        [" min_items: must have at least 2 items"]
    );
}

#[test]
fn formats_are_checked_by_their_own_rules() {
    let cases = [
        ("date", "2024-02-29", true),
        ("date", "2023-02-29", false),
        ("date", "2023-2-9", false),
        ("time", "23:59:60Z", true),
        ("time", "23:59:59.25+05:30", true),
        ("time", "23:59:59", false),
        ("date-time", "2026-11-22T14:30:00Z", true),
        ("date-time", "2026-11-22 14:30:00-08:00", true),
        ("date-time", "2026-11-22T24:30:00Z", false),
        ("date-time", "2026-11-22", false),
        ("partial-date-time", "2026-11-22T14:30:00", true),
        ("partial-time", "14:30", false),
        ("uuid", "0193B6A0-7f3c-7d31-9c1a-2b5f0c9d8e7f", true),
        ("uuid", "0193b6a07f3c7d319c1a2b5f0c9d8e7f", false),
        ("email", "a.b+c@mail.example.com", true),
        ("email", "a b@example.com", false),
        ("email", "a@-example.com", false),
        ("email", "a@example..com", false),
        ("ipv4", "10.0.0.1", true),
        ("ipv4", "10.0.0.256", false),
        ("ipv6", "::1", true),
        ("ip", "localhost", false),
        ("uri", "https://example.com/a?b=c", true),
        ("uri", "mailto:a@example.com", true),
        ("uri", "//example.com", false),
        ("uri", "1http://example.com", false),
        ("a-format-of-the-future", "anything", true),
    ];
    for (format, text, good) in cases {
        let found = said(
            &json_schema!({ "type": "string", "format": format }),
            &json!(text),
        );
        assert_eq!(found.is_empty(), good, "{format} {text}: {found:?}");
    }
}

#[test]
fn lengths_count_characters_and_not_bytes() {
    let schema = json_schema!({ "type": "string", "minLength": 2, "maxLength": 2 });
    assert_eq!(said(&schema, &json!("äö")), [""; 0]);
    assert_eq!(
        said(&schema, &json!("ä")),
        [" min_length: must have at least 2 characters"]
    );
    assert_eq!(
        said(&schema, &json!("äöü")),
        [" max_length: must have at most 2 characters"]
    );
}

#[test]
fn words_given_by_the_schema_replace_types_and_patterns() {
    let schema = json_schema!({ "type": "string", "pattern": "^[0-9]+s$", "x-expected": "a duration such as `30s`" });
    assert_eq!(
        said(&schema, &json!(30)),
        [" type: expected a duration such as `30s`, found an integer"]
    );
    assert_eq!(
        said(&schema, &json!("30")),
        [" pattern: expected a duration such as `30s`"]
    );
}

#[test]
fn names_of_objects_obey_patterns_counts_and_rules() {
    let schema = json_schema!({
        "type": "object",
        "patternProperties": { "^x-": { "type": "string" } },
        "additionalProperties": false,
        "propertyNames": { "maxLength": 4 },
        "maxProperties": 2,
    });
    assert_eq!(
        said(&schema, &json!({ "x-a": 1, "y": 2, "x-long": "" })),
        [
            " max_properties: must have at most 2 properties",
            "/x-a type: expected a string, found an integer",
            "/y unknown: unknown field `y`",
            "/x-long max_length: must have at most 4 characters",
        ]
    );
}

#[test]
fn unevaluated_properties_know_the_names_of_all_parts() {
    let schema = json_schema!({
        "type": "object",
        "properties": { "host": {} },
        "allOf": [{ "$ref": "#/$defs/Limits" }],
        "unevaluatedProperties": false,
        "$defs": { "Limits": { "type": "object", "properties": { "burst": {} } } },
    });
    assert_eq!(
        said(&schema, &json!({ "host": 1, "burst": 1, "brust": 1 })),
        ["/brust unknown: unknown field `brust`"]
    );
    assert_eq!(
        said(&schema, &json!({ "brust": 1 })),
        ["/brust unknown: unknown field `brust`; did you mean `burst`?"]
    );
}

#[test]
fn what_the_schema_forbids_is_said() {
    assert_eq!(
        said(&json_schema!({ "not": { "const": 0 } }), &json!(0)),
        [" not: must not be `0`"]
    );
    assert_eq!(
        said(&false.into(), &json!(0)),
        [" not: nothing is allowed here"]
    );
    assert_eq!(said(&true.into(), &json!(0)), [""; 0]);
}

#[test]
fn a_hostile_value_gets_a_bounded_answer() {
    let many: Vec<Value> = (0..100_000).map(|_| json!("x")).collect();
    let found = said_of::<Vec<u8>>(&Value::Array(many));
    assert_eq!(found.len(), atlas_schema::LIMIT);

    let name = "x".repeat(100_000);
    let found = said_of::<Order>(&json!({ name: 1 }));
    assert!(
        found
            .iter()
            .all(|it| !it.contains("unknown field")
                || it.ends_with(&format!("`{}`", "x".repeat(64))))
    );
}

#[test]
fn a_reference_that_leads_to_itself_ends() {
    let schema = json_schema!({ "$ref": "#" });
    assert_eq!(said(&schema, &json!(1)), [""; 0]);
    let schema = json_schema!({ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] });
    assert_eq!(said(&schema, &json!(1)), [""; 0]);
}

#[test]
fn a_recursive_choice_under_a_deep_value_ends_soon() {
    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code, reason = "only the schema is used")]
    enum Tree {
        Left { of: Box<Tree>, left: u8 },
        Right { of: Box<Tree>, right: u8 },
    }
    let mut value = json!({});
    for _ in 0..120 {
        value = json!({ "of": value });
    }
    let started = std::time::Instant::now();
    assert!(said_of::<Tree>(&value).len() <= atlas_schema::LIMIT);
    assert!(
        started.elapsed() < std::time::Duration::from_secs(20),
        "took {:?}",
        started.elapsed()
    );
}
