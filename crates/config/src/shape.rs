//! What a schema says about a key.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::Value;

/// A place in a schema. References are followed and alternatives (`Option`, enums with data) are seen as one.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'a> {
    root: &'a Value,
    rules: &'a Value,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(schema: &'a Schema) -> Self {
        Self {
            root: schema.as_value(),
            rules: schema.as_value(),
        }
    }

    fn with(self, rules: &'a Value) -> Self {
        Self {
            root: self.root,
            rules,
        }
    }

    /// This schema and all that it refers to or chooses from, itself first.
    fn parts(self) -> Vec<&'a Value> {
        let mut parts = vec![self.rules];
        let mut next = 0;
        // a bound, because a reference may lead in a ring
        while next < parts.len() && parts.len() < 64 {
            let rules = parts[next];
            next += 1;
            let referred = rules
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|it| self.root.pointer(it.strip_prefix('#')?));
            let chosen = ["allOf", "anyOf", "oneOf"]
                .iter()
                .filter_map(|name| rules.get(name)?.as_array())
                .flatten();
            parts.extend(referred.into_iter().chain(chosen));
        }
        parts
    }

    /// The first that one of the parts says for a keyword.
    fn keyword(self, name: &str) -> Option<&'a Value> {
        self.parts().into_iter().find_map(|rules| rules.get(name))
    }

    /// A keyword whose value is a text.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.keyword(name)?.as_str()
    }

    /// A keyword whose value is a number, as it is written.
    pub(crate) fn number(self, name: &str) -> Option<String> {
        self.keyword(name)
            .filter(|it| it.is_number())
            .map(Value::to_string)
    }

    /// The doc comment of the key, or of its type.
    pub(crate) fn doc(self) -> Option<&'a str> {
        self.text("description")
    }

    /// A value that shows how one is written.
    pub(crate) fn example(self) -> Option<&'a Value> {
        self.keyword("examples")?.get(0)
    }

    /// The default that the type itself gives.
    pub(crate) fn default(self) -> Option<&'a Value> {
        self.rules.get("default")
    }

    /// Whether the value must not be seen.
    pub(crate) fn is_secret(self) -> bool {
        self.parts()
            .iter()
            .any(|rules| rules.get("writeOnly") == Some(&Value::Bool(true)))
    }

    /// Whether some part allows values of this JSON type.
    pub(crate) fn allows(self, name: &str) -> bool {
        self.types().contains(&name)
    }

    /// The JSON types allowed, without repetition.
    pub(crate) fn types(self) -> Vec<&'a str> {
        let mut types = Vec::new();
        for rules in self.parts() {
            let of_const = rules.get("const").and_then(Value::as_str).map(|_| "string");
            let named = match rules.get("type") {
                Some(Value::String(name)) => vec![name.as_str()],
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => of_const.into_iter().collect(),
            };
            for name in named {
                if !types.contains(&name) {
                    types.push(name);
                }
            }
        }
        types
    }

    /// The words allowed, if only certain words are.
    pub(crate) fn choices(self) -> Vec<&'a str> {
        let mut choices = Vec::new();
        for rules in self.parts() {
            let many = rules
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            for word in many.chain(rules.get("const")).filter_map(Value::as_str) {
                if !choices.contains(&word) {
                    choices.push(word);
                }
            }
        }
        choices
    }

    /// The named members, in the order of their names.
    pub(crate) fn properties(self) -> Vec<(&'a str, Self)> {
        let mut properties = BTreeMap::new();
        for rules in self.parts() {
            for (name, schema) in rules
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                properties.entry(name.as_str()).or_insert(self.with(schema));
            }
        }
        properties.into_iter().collect()
    }

    /// A member by name: a named one, or that of a map, or an element of a list.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        let parts = self.parts();
        let named = parts
            .iter()
            .find_map(|rules| rules.get("properties")?.get(name));
        let mapped = || {
            parts.iter().find_map(|rules| {
                rules
                    .get("additionalProperties")
                    .filter(|it| it.is_object())
            })
        };
        named
            .or_else(mapped)
            .map(|rules| self.with(rules))
            .or_else(|| {
                name.bytes()
                    .all(|byte| byte.is_ascii_digit())
                    .then(|| self.items())
                    .flatten()
            })
    }

    /// The schema of a map's values.
    pub(crate) fn values(self) -> Option<Self> {
        self.parts()
            .into_iter()
            .find_map(|rules| {
                rules
                    .get("additionalProperties")
                    .filter(|it| **it != Value::Bool(false))
            })
            .map(|rules| self.with(rules))
    }

    /// The schema of a list's elements.
    pub(crate) fn items(self) -> Option<Self> {
        self.keyword("items").map(|rules| self.with(rules))
    }

    /// The shape at a path.
    pub(crate) fn at<S: AsRef<str>>(self, path: &[S]) -> Option<Self> {
        path.iter()
            .try_fold(self, |shape, name| shape.member(name.as_ref()))
    }

    /// The alternatives that are tables; more than one means that only members of one of them may be set.
    pub(crate) fn table_variants(self) -> Vec<Self> {
        let parts = self.parts();
        let choices = ["oneOf", "anyOf"];
        let chosen = parts
            .iter()
            .flat_map(|rules| {
                choices
                    .iter()
                    .filter_map(|name| rules.get(*name)?.as_array())
            })
            .flatten();
        // a choice within a choice (an `Option` of an enum) is no variant itself
        chosen
            .filter(|rules| rules.get("properties").is_some())
            .map(|rules| self.with(rules))
            .collect()
    }

    /// The one word that is allowed for the member `name`.
    pub(crate) fn fixed(self, name: &str) -> Option<&'a str> {
        match self.member(name)?.choices().as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// Makes every object refuse the members it does not name, unless it says otherwise: a misspelt key must not pass.
pub(crate) fn close(schema: &mut Value) {
    match schema {
        Value::Object(rules) => {
            let combined = ["allOf", "anyOf", "oneOf"]
                .iter()
                .any(|name| rules.contains_key(*name));
            if rules.contains_key("properties") && !rules.contains_key("additionalProperties") {
                // an object that is put together of parts must let each part have its own names
                let keyword = if combined {
                    "unevaluatedProperties"
                } else {
                    "additionalProperties"
                };
                rules.insert(keyword.to_owned(), Value::Bool(false));
            }
            let parts_stay_open = combined && rules.contains_key("unevaluatedProperties");
            for (name, rule) in rules.iter_mut() {
                match name.as_str() {
                    "default" | "const" | "enum" | "examples" => {}
                    "allOf" | "anyOf" | "oneOf" if parts_stay_open => {
                        rule.as_array_mut()
                            .into_iter()
                            .flatten()
                            .for_each(close_inside);
                    }
                    _ => close(rule),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Closes what is below a part of an object, but not the part itself.
fn close_inside(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(close);
    }
}
