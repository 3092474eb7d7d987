//! `allOf`, `anyOf`, `oneOf` and `not`.
//!
//! When no branch of a choice accepts the value, "matches none" helps nobody. The branch that was meant is found as a
//! reader would find it: by the kind of value, by the tag of an enum, and else by the fewest faults; its faults are
//! reported as if it were the only one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::check::Walk;
use crate::resolve::resolved;
use crate::words;

impl<'a> Walk<'a> {
    pub(crate) fn check_combinations(&mut self, rules: &'a Map<String, Value>, value: &Value) {
        let branches = |name: &str| {
            rules
                .get(name)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        for schema in branches("allOf") {
            self.check(schema, value);
        }
        for (name, only_one) in [("anyOf", false), ("oneOf", true)] {
            let branches = branches(name);
            if !branches.is_empty() {
                self.check_branches(branches, only_one, value);
            }
        }
        if let Some(schema) = rules.get("not")
            && self.probe(schema, value).is_empty()
        {
            let message = match schema.get("const") {
                Some(only) => format!("must not be {}", words::literal(only)),
                None => "is not allowed".to_owned(),
            };
            self.report("not", message);
        }
    }

    fn check_branches(&mut self, branches: &'a [Value], only_one: bool, value: &Value) {
        let mut probes: Vec<_> = branches
            .iter()
            .map(|schema| (schema, self.probe(schema, value)))
            .collect();
        match probes.iter().filter(|(_, found)| found.is_empty()).count() {
            0 => {}
            1 => return,
            _ if !only_one => return,
            _ => return self.report("one_of", "fits more than one of the allowed forms"),
        }
        if let Some(choices) = self.choices(branches) {
            return self.report_choice(&choices, value);
        }
        probes.retain(|(schema, _)| {
            rules(self.root, schema).is_none_or(|rules| words::type_fits(rules, value))
        });
        if probes.is_empty() {
            let kinds: BTreeSet<String> = branches
                .iter()
                .filter_map(|schema| rules(self.root, schema))
                .map(words::expected)
                .collect();
            let kinds: Vec<String> = kinds.into_iter().filter(|kind| kind != "null").collect();
            let message = format!(
                "expected {}, found {}",
                kinds.join(" or "),
                words::found(value)
            );
            return self.report("type", message);
        }
        if let Some((tag, choices)) = self.tag(probes.iter().map(|(schema, _)| *schema)) {
            match value.get(tag) {
                None => return self.at(tag, |walk| walk.report("required", "is required")),
                Some(it) if !choices.contains(&it) => {
                    return self.at(tag, |walk| walk.report_choice(&choices, it));
                }
                Some(it) => {
                    probes.retain(|(schema, _)| constant(self.root, schema, tag) == Some(it));
                }
            }
        }
        if let Some((_, found)) = probes.into_iter().min_by_key(|(_, found)| found.len()) {
            self.adopt(found);
        }
    }

    /// The words of an enum whose every branch is a constant; `null` is not offered.
    fn choices(&self, branches: &'a [Value]) -> Option<Vec<&'a Value>> {
        let mut choices = Vec::new();
        for schema in branches {
            let rules = rules(self.root, schema)?;
            match (rules.get("const"), rules.get("enum")) {
                (Some(only), _) => choices.push(only),
                (None, Some(Value::Array(many))) => choices.extend(many),
                _ if rules.get("type").and_then(Value::as_str) == Some("null") => {}
                _ => return None,
            }
        }
        Some(choices)
    }

    /// The member that tells the branches apart, if every one of them fixes its value.
    fn tag(&self, branches: impl Iterator<Item = &'a Value>) -> Option<(&'a str, Vec<&'a Value>)> {
        let branches: Vec<&Value> = branches.collect();
        let properties = rules(self.root, branches.first()?)?
            .get("properties")?
            .as_object()?;
        properties.keys().find_map(|name| {
            let choices: Option<Vec<&Value>> = branches
                .iter()
                .map(|schema| constant(self.root, schema, name))
                .collect();
            Some((name.as_str(), choices?))
        })
    }
}

fn rules<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Map<String, Value>> {
    resolved(root, schema).as_object()
}

/// The one value that `schema` allows for the member `name`.
fn constant<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let property = resolved(root, rules(root, schema)?.get("properties")?.get(name)?);
    property
        .get("const")
        .or_else(|| match property.get("enum")?.as_array()?.as_slice() {
            [only] => Some(only),
            _ => None,
        })
}
