//! Rules for objects.

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::check::Walk;
use crate::{closest, resolve, words};

impl<'a> Walk<'a> {
    pub(crate) fn check_object(
        &mut self,
        rules: &'a Map<String, Value>,
        members: &Map<String, Value>,
    ) {
        self.check_required(rules, members);
        self.check_count(rules, members);

        let properties = rules.get("properties").and_then(Value::as_object);
        let patterns = patterns(rules);
        for (name, value) in members {
            let mut known = false;
            if let Some(schema) = properties.and_then(|them| them.get(name)) {
                known = true;
                self.at(name, |walk| walk.check(schema, value));
            }
            for (_, schema) in patterns
                .iter()
                .filter(|(pattern, _)| pattern.is_match(name))
            {
                known = true;
                self.at(name, |walk| walk.check(schema, value));
            }
            if !known {
                self.check_additional(rules, members, name, value);
            }
        }
        if let Some(schema) = rules.get("propertyNames") {
            for name in members.keys() {
                self.at(name, |walk| {
                    walk.check(schema, &Value::String(name.clone()));
                });
            }
        }
    }

    fn check_required(&mut self, rules: &'a Map<String, Value>, members: &Map<String, Value>) {
        let required = rules
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        for name in required.filter(|name| !members.contains_key(*name)) {
            self.at(name, |walk| walk.report("required", "is required"));
        }
    }

    fn check_count(&mut self, rules: &'a Map<String, Value>, members: &Map<String, Value>) {
        let count = members.len() as u64;
        let bound = |name: &str| rules.get(name).and_then(Value::as_u64);
        if let Some(least) = bound("minProperties").filter(|least| count < *least) {
            self.report(
                "min_properties",
                format!("must have at least {}", words::counted(least, "property")),
            );
        }
        if let Some(most) = bound("maxProperties").filter(|most| count > *most) {
            self.report(
                "max_properties",
                format!("must have at most {}", words::counted(most, "property")),
            );
        }
    }

    fn check_additional(
        &mut self,
        rules: &'a Map<String, Value>,
        members: &Map<String, Value>,
        name: &str,
        value: &Value,
    ) {
        match rules.get("additionalProperties") {
            Some(Value::Bool(false)) => self.report_unknown(&known_here(rules), members, name),
            Some(schema @ Value::Object(_)) => self.at(name, |walk| walk.check(schema, value)),
            _ => {}
        }
        if rules.get("unevaluatedProperties") == Some(&Value::Bool(false)) {
            let mut known = Vec::new();
            known_anywhere(self.root, rules, &mut known, 0);
            if !known.contains(&name) {
                self.report_unknown(&known, members, name);
            }
        }
    }

    fn report_unknown(&mut self, known: &[&str], members: &Map<String, Value>, name: &str) {
        // a name that is already there cannot be what was meant
        let free = known
            .iter()
            .copied()
            .filter(|it| !members.contains_key(*it));
        let suggestion = closest(name, free).map(str::to_owned);
        let short: String = name.chars().take(64).collect();
        self.at(name, |walk| {
            walk.report_with("unknown", format!("unknown field `{short}`"), suggestion);
        });
    }
}

fn patterns(rules: &Map<String, Value>) -> Vec<(Regex, &Value)> {
    let Some(Value::Object(patterns)) = rules.get("patternProperties") else {
        return Vec::new();
    };
    patterns
        .iter()
        .filter_map(|(pattern, schema)| Some((Regex::new(pattern).ok()?, schema)))
        .collect()
}

fn known_here(rules: &Map<String, Value>) -> Vec<&str> {
    rules
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|them| them.keys().map(String::as_str))
        .collect()
}

/// The names that the schema and all it is combined from know.
fn known_anywhere<'a>(
    root: &'a Value,
    rules: &'a Map<String, Value>,
    known: &mut Vec<&'a str>,
    depth: usize,
) {
    if depth > 16 {
        return;
    }
    known.extend(known_here(rules));
    let combined = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|name| rules.get(*name)?.as_array())
        .flatten();
    let referred = resolve::reference(root, rules);
    for schema in combined.chain(referred) {
        if let Value::Object(rules) = resolve::resolved(root, schema) {
            known_anywhere(root, rules, known, depth + 1);
        }
    }
}
