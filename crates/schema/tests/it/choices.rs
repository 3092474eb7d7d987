//! Enums in all the shapes that serde knows.

use schemars::JsonSchema;
use serde_json::json;

use crate::support::said_of;

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only the schema is used")]
enum Level {
    Info,
    Warn,
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only the schema is used")]
enum Documented {
    /// For machines.
    Json,
    /// For people.
    Pretty,
}

#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code, reason = "only the schema is used")]
enum Payment {
    Card { number: String },
    Transfer { iban: String, bank: u8 },
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only the schema is used")]
enum Shape {
    Circle(u8),
    Square { side: u8 },
    Nothing,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only the schema is used")]
enum Loose {
    Number(u8),
    Text(String),
    Pair { left: u8, right: u8 },
}

#[test]
fn a_wrong_word_is_told_the_right_ones() {
    let expected = [" enum: must be one of `info`, `warn`; did you mean `warn`?"];
    assert_eq!(said_of::<Level>(&json!("wran")), expected);
    let expected = [" enum: must be one of `json`, `pretty`; did you mean `json`?"];
    assert_eq!(said_of::<Documented>(&json!("jsn")), expected);
    let expected = [" enum: must be one of `json`, `pretty`"];
    assert_eq!(said_of::<Option<Documented>>(&json!("xml")), expected);
    assert_eq!(said_of::<Option<Documented>>(&json!(null)), [""; 0]);
}

#[test]
fn a_tag_chooses_the_branch_that_is_judged() {
    assert_eq!(
        said_of::<Payment>(&json!({ "kind": "card" })),
        ["/number required: is required"]
    );
    assert_eq!(
        said_of::<Payment>(&json!({ "kind": "transfer", "iban": 1 })),
        [
            "/bank required: is required",
            "/iban type: expected a string, found an integer"
        ]
    );
    assert_eq!(
        said_of::<Payment>(&json!({ "kind": "crad" })),
        ["/kind enum: must be one of `card`, `transfer`; did you mean `card`?"]
    );
    assert_eq!(
        said_of::<Payment>(&json!({})),
        ["/kind required: is required"]
    );
}

#[test]
fn an_enum_named_by_its_key_is_judged_by_the_nearest_branch() {
    assert_eq!(
        said_of::<Shape>(&json!({ "square": { "side": 2 } })),
        [""; 0]
    );
    assert_eq!(said_of::<Shape>(&json!("nothing")), [""; 0]);
    assert_eq!(
        said_of::<Shape>(&json!({ "square": { "side": 256 } })),
        ["/square/side maximum: must be at most 255"]
    );
    assert_eq!(
        said_of::<Shape>(&json!(1)),
        [" type: expected a string or an object, found an integer"]
    );
}

#[test]
fn a_loose_choice_is_judged_by_the_kind_of_value() {
    assert_eq!(
        said_of::<Loose>(&json!(256)),
        [" maximum: must be at most 255"]
    );
    assert_eq!(
        said_of::<Loose>(&json!({ "left": 1 })),
        ["/right required: is required"]
    );
    assert_eq!(
        said_of::<Loose>(&json!(true)),
        [" type: expected a string or an integer or an object, found a boolean"]
    );
}
