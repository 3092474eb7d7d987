//! The order of a list.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde_json::{Value, json};

use crate::problem::{Fault, Place};

/// What a list can be ordered by: an enum without data, whose names in JSON are those of the parameter `sort`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of sort keys",
    note = "derive `Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema` on an enum without data",
    note = "and name the key that no two rows share: `impl SortKey for {Self} {{ const UNIQUE: Self = Self::Id; }}`"
)]
pub trait SortKey:
    Copy + Eq + fmt::Debug + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The key that no two rows share. It ends every order, so that pages neither repeat nor skip a row.
    const UNIQUE: Self;

    /// How many items a page holds when the client does not say.
    const DEFAULT_LIMIT: u32 = 20;

    /// How many items a page holds at most; who asks for more gets this many.
    const MAX_LIMIT: u32 = 100;

    /// The order when the client does not say; the unique key is added.
    fn default_order() -> Vec<Order<Self>> {
        Vec::new()
    }
}

/// One key of an order, and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<K> {
    /// What is compared.
    pub key: K,
    /// From the greatest to the least.
    pub descending: bool,
}

impl<K> Order<K> {
    /// From the least to the greatest.
    pub fn ascending(key: K) -> Self {
        Self {
            key,
            descending: false,
        }
    }

    /// From the greatest to the least.
    pub fn descending(key: K) -> Self {
        Self {
            key,
            descending: true,
        }
    }
}

/// Reads `-created_at,name`.
pub(super) fn parse<K: SortKey>(text: &str, names: &[String]) -> Result<Vec<Order<K>>, Vec<Fault>> {
    let mut orders = Vec::new();
    let mut faults = Vec::new();
    for term in text.split(',') {
        let (name, descending) = match term.strip_prefix('-') {
            Some(name) => (name, true),
            None => (term, false),
        };
        match K::deserialize(StrDeserializer::<ValueError>::new(name)) {
            Ok(key) => orders.push(Order { key, descending }),
            Err(_) => {
                let place = Place::Query("sort".to_owned());
                faults.push(Fault::new(place, "unknown", unknown(name, names)));
            }
        }
    }
    if faults.is_empty() {
        Ok(complete(orders))
    } else {
        Err(faults)
    }
}

/// The default order.
pub(super) fn default<K: SortKey>() -> Vec<Order<K>> {
    complete(K::default_order())
}

/// Each key once, and the unique one at the end; what follows it could not change anything.
fn complete<K: SortKey>(orders: Vec<Order<K>>) -> Vec<Order<K>> {
    let mut complete: Vec<Order<K>> = Vec::with_capacity(orders.len() + 1);
    for order in orders {
        if !complete.iter().any(|it| it.key == order.key) {
            complete.push(order);
        }
        if order.key == K::UNIQUE {
            return complete;
        }
    }
    complete.push(Order::ascending(K::UNIQUE));
    complete
}

fn unknown(name: &str, names: &[String]) -> String {
    let listed: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    let listed = listed.join(", ");
    match atlas_schema::closest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!(
            "cannot be ordered by this; did you mean `{meant}`? there are {listed}, each with `-` for descending"
        ),
        None => {
            format!("cannot be ordered by this; there are {listed}, each with `-` for descending")
        }
    }
}

/// The name of a key.
pub(super) fn name<K: SortKey>(key: K) -> String {
    match serde_json::to_value(key) {
        Ok(Value::String(name)) => name,
        _ => format!("{key:?}"),
    }
}

/// The order as the parameter would say it.
pub(super) fn text<K: SortKey>(orders: &[Order<K>]) -> String {
    let terms = orders.iter().map(|it| {
        let sign = if it.descending { "-" } else { "" };
        format!("{sign}{}", name(it.key))
    });
    terms.collect::<Vec<_>>().join(",")
}

/// The names of all keys.
pub(super) fn names<K: SortKey>() -> Vec<String> {
    let schema = schemars::schema_for!(K);
    let of_enum = schema.get("enum").and_then(Value::as_array);
    let of_one_of = schema.get("oneOf").and_then(Value::as_array);
    let plain = of_enum.into_iter().flatten();
    // variants with a doc are a `const` each, those without are an `enum` together
    let documented = of_one_of.into_iter().flatten().flat_map(|it| {
        let list = it.get("enum").and_then(Value::as_array);
        list.into_iter().flatten().chain(it.get("const"))
    });
    plain
        .chain(documented)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What `sort` takes.
pub(super) fn schema<K: SortKey>() -> Value {
    let names = names::<K>();
    let both: Vec<String> = names
        .iter()
        .flat_map(|it| [it.clone(), format!("-{it}")])
        .collect();
    json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": both } })
}
