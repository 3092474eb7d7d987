//! What serde refuses, the schema refuses too: otherwise a refusal would have nothing to say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::support::said_of;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read and thrown away")]
struct Everything {
    text: String,
    small: u8,
    signed: i64,
    float: f64,
    flag: bool,
    list: Vec<u16>,
    map: BTreeMap<String, bool>,
    pair: (u8, String),
    maybe: Option<String>,
    nested: Option<Box<Everything>>,
    unit: Unit,
    tagged: Tagged,
    keyed: Keyed,
    loose: Loose,
    id: uuid::Uuid,
    #[serde(default)]
    defaulted: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
    One,
    TwoWords,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code, reason = "only read and thrown away")]
enum Tagged {
    Empty,
    Full { text: String, small: Option<u8> },
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only read and thrown away")]
enum Keyed {
    Number(u8),
    Struct { text: String },
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only read and thrown away")]
enum Loose {
    Number(u8),
    Text(String),
    Struct { small: u8 },
}

fn good() -> Value {
    json!({
        "text": "a", "small": 1, "signed": -1, "float": 1.5, "flag": true, "list": [1, 2], "map": { "a": true },
        "pair": [1, "a"], "maybe": null, "unit": "two_words", "tagged": { "kind": "full", "text": "a" },
        "keyed": { "struct": { "text": "a" } }, "loose": "a", "id": "0193b6a0-7f3c-7d31-9c1a-2b5f0c9d8e7f",
    })
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn value(&mut self) -> Value {
        let all = [
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(255),
            json!(256),
            json!(-1),
            json!(65_536),
            json!(1.0),
            json!(0.5),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(""),
            json!("a"),
            json!("one"),
            json!("full"),
            json!([]),
            json!([1]),
            json!([1, "a"]),
            json!([1, "a", 2]),
            json!({}),
            json!({ "kind": "empty" }),
            json!({ "kind": "full" }),
            json!({ "kind": "full", "text": 1 }),
            json!({ "number": 300 }),
            json!({ "struct": {} }),
            json!({ "small": "a" }),
            json!({ "a": 1 }),
            json!({ "number": 1, "struct": { "text": "a" } }),
            json!("0193b6a0"),
            good(),
        ];
        all[self.roll(all.len())].clone()
    }

    /// Changes a few things somewhere.
    fn spoil(&mut self, value: &mut Value) {
        for _ in 0..=self.roll(3) {
            let mut place = &mut *value;
            for _ in 0..self.roll(4) {
                let count = match &*place {
                    Value::Object(members) => members.len(),
                    Value::Array(items) => items.len(),
                    _ => 0,
                };
                if count == 0 {
                    break;
                }
                let index = self.roll(count);
                place = match place {
                    Value::Object(members) => members
                        .values_mut()
                        .nth(index)
                        .expect("it is within the count"),
                    Value::Array(items) => &mut items[index],
                    other => other,
                };
            }
            match (self.roll(4), &mut *place) {
                (0, Value::Object(members)) => {
                    let name = members.keys().nth(self.roll(members.len().max(1))).cloned();
                    name.map(|name| members.remove(&name));
                }
                (1, Value::Object(members)) => {
                    let names = ["text", "nested", "kind", "smal", "number", "defaulted"];
                    let name = names[self.roll(names.len())].to_owned();
                    members.insert(name, self.value());
                }
                (2, Value::Array(items)) => items.push(self.value()),
                (_, place) => *place = self.value(),
            }
        }
    }
}

fn agree<T: DeserializeOwned + JsonSchema>(value: &Value, seed: u64) -> bool {
    let read = serde_json::from_value::<T>(value.clone());
    let found = said_of::<T>(value);
    if let Err(error) = &read {
        assert!(
            !found.is_empty(),
            "seed {seed}: serde says `{error}`, the schema nothing: {value}"
        );
    }
    read.is_ok()
}

#[test]
fn what_serde_refuses_has_a_violation() {
    assert!(agree::<Everything>(&good(), 0));
    assert_eq!(said_of::<Everything>(&good()), [""; 0]);
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..3_000 {
        let mut dice = Dice(seed);
        let mut value = good();
        if dice.roll(4) == 0 {
            value["nested"] = good();
        }
        dice.spoil(&mut value);
        let counter = if agree::<Everything>(&value, seed) {
            &mut taken
        } else {
            &mut refused
        };
        *counter += 1;
        agree::<Tagged>(&value, seed);
        agree::<Loose>(&dice.value(), seed);
        agree::<Keyed>(&dice.value(), seed);
        agree::<Option<Unit>>(&dice.value(), seed);
        agree::<Map<String, Value>>(&value, seed);
    }
    assert!(
        taken > 100 && refused > 100,
        "{taken} taken and {refused} refused: the dice are loaded"
    );
}
