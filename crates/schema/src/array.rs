//! Rules for arrays.

use serde_json::{Map, Value};

use crate::check::Walk;
use crate::words;

impl<'a> Walk<'a> {
    pub(crate) fn check_array(&mut self, rules: &'a Map<String, Value>, items: &[Value]) {
        let length = items.len() as u64;
        let bound = |name: &str| rules.get(name).and_then(Value::as_u64);
        if let Some(least) = bound("minItems").filter(|least| length < *least) {
            self.report(
                "min_items",
                format!("must have at least {}", words::counted(least, "item")),
            );
        }
        if let Some(most) = bound("maxItems").filter(|most| length > *most) {
            self.report(
                "max_items",
                format!("must have at most {}", words::counted(most, "item")),
            );
        }
        if rules.get("uniqueItems") == Some(&Value::Bool(true)) && has_repetition(items) {
            self.report("unique_items", "must not have an item twice");
        }
        let first = rules
            .get("prefixItems")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| rules.get("items")) {
                self.at(&index.to_string(), |walk| walk.check(schema, item));
            }
        }
        if let Some(schema) = rules.get("contains")
            && !items.iter().any(|item| self.probe(schema, item).is_empty())
        {
            self.report("contains", "must have an item that it lacks");
        }
    }
}

/// Long arrays are left to serde's set, which refuses or merges: comparing every pair would be quadratic.
fn has_repetition(items: &[Value]) -> bool {
    items.len() <= 1_000
        && items
            .iter()
            .enumerate()
            .any(|(index, item)| items[..index].contains(item))
}
