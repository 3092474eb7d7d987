//! Parameters: pairs of texts, and the values that a schema makes of them.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use super::shape;
use crate::page::filter;

/// The parameters that a struct describes.
#[derive(Debug)]
pub(crate) struct Parameters {
    schema: Schema,
    /// Fields that serde can read straight from a query string: nothing that repeats, nothing nested.
    flat: bool,
}

impl Parameters {
    /// The fields of `T`.
    pub(crate) fn of<T: JsonSchema>() -> Self {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let mut schema = generator.into_root_schema_for::<T>().to_value();
        shape::close(&mut schema);
        let members = schema.get("properties").and_then(Value::as_object);
        let flat = members
            .into_iter()
            .flat_map(Map::values)
            .all(|it| !may_be(&schema, it, "array") && !may_be(&schema, it, "object"));
        Self {
            schema: Schema::try_from(schema).unwrap_or_default(),
            flat,
        }
    }

    /// The schema.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether serde can read the query string without help, and nothing in it is unknown.
    pub(super) fn serde_is_enough(&self, query: &str) -> bool {
        self.flat && form_urlencoded::parse(query.as_bytes()).all(|(name, _)| self.knows(&name))
    }

    /// Whether there is a parameter of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.members().is_some_and(|it| it.contains_key(name)) || self.is_open()
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members()
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
    }

    /// The names as they are listed to a client that used another.
    pub(crate) fn listed(&self) -> Vec<String> {
        let listed = self.names().map(|field| match self.operators(field) {
            None => vec![field.to_owned()],
            Some(operators) => operators.keys().map(|it| filter::name(field, it)).collect(),
        });
        listed.flatten().collect()
    }

    /// The name of the parameter that a violation is about.
    pub(crate) fn parameter_of(&self, pointer: &str) -> String {
        let field = parameter_of(pointer);
        match (self.operators(&field), pointer.split('/').nth(2)) {
            (Some(_), Some(operator)) => filter::name(&field, operator),
            _ => field,
        }
    }

    /// The operators of a field that is filtered by them.
    fn operators(&self, field: &str) -> Option<&Map<String, Value>> {
        let schema = self.members()?.get(field)?;
        let schema = target(self.schema.as_value(), schema).unwrap_or(schema);
        schema.get(filter::MARK)?;
        schema.get("properties")?.as_object()
    }

    /// Field, operator and the operator's schema of a filter's parameter: `filter[price][gte]`, or `price` for `eq`.
    fn filter(&self, name: &str) -> Option<(String, String, &Value)> {
        let (field, operator) = filter::parse(name).unwrap_or((name, "eq"));
        let schema = self.operators(field)?.get(operator)?;
        Some((field.to_owned(), operator.to_owned(), schema))
    }

    /// The value that the schema makes of the pairs: numbers where it wants numbers, lists where it wants lists. What
    /// cannot be made into what it wants stays a text, for the schema to complain about.
    ///
    /// # Errors
    ///
    /// The names of parameters that may be given once, and are given more than once.
    pub(crate) fn value<'a>(
        &self,
        pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    ) -> Result<Value, Vec<String>> {
        let root = self.schema.as_value();
        let mut map = Map::new();
        let mut twice = Vec::new();
        for (name, text) in pairs {
            let added = match self.filter(&name) {
                Some((field, operator, schema)) => {
                    let empty = || Value::Object(Map::new());
                    let terms = map.entry(field).or_insert_with(empty).as_object_mut();
                    terms.is_none_or(|terms| add(root, terms, &operator, Some(schema), &text))
                }
                None => {
                    let schema = self.members().and_then(|it| it.get(&*name));
                    add(root, &mut map, &name, schema, &text)
                }
            };
            if !added {
                twice.push(name.into_owned());
            }
        }
        if twice.is_empty() {
            Ok(Value::Object(map))
        } else {
            Err(twice)
        }
    }

    fn members(&self) -> Option<&Map<String, Value>> {
        self.schema.get("properties").and_then(Value::as_object)
    }

    /// A struct with a flattened map takes every name.
    fn is_open(&self) -> bool {
        let closed = Some(&Value::Bool(false));
        self.schema.get("additionalProperties") != closed
            && self.schema.get("unevaluatedProperties") != closed
            && self.schema.get("type").is_some()
    }
}

/// Adds what a schema makes of a text. Says no when the name is there already, and may be there once.
fn add(
    root: &Value,
    map: &mut Map<String, Value>,
    name: &str,
    schema: Option<&Value>,
    text: &str,
) -> bool {
    if schema.is_some_and(|it| may_be(root, it, "array")) {
        let items = schema.and_then(|it| items_of(root, it));
        let item = typed(root, items, text);
        let entry = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(entries) = entry {
            entries.push(item);
        }
        return true;
    }
    if map.contains_key(name) {
        return false;
    }
    map.insert(name.to_owned(), typed(root, schema, text));
    true
}

/// The value that a schema makes of a text.
pub(crate) fn typed(root: &Value, schema: Option<&Value>, text: &str) -> Value {
    let Some(schema) = schema else {
        return Value::from(text);
    };
    if may_be(root, schema, "string") && !may_be(root, schema, "integer") {
        return Value::from(text);
    }
    let integer = || {
        let integer = text.parse::<i64>().map(Value::from);
        let integer = integer.or_else(|_| text.parse::<u64>().map(Value::from));
        integer.ok().filter(|_| is_plain(text))
    };
    if may_be(root, schema, "integer")
        && let Some(value) = integer()
    {
        return value;
    }
    if may_be(root, schema, "number")
        && let Ok(value @ Value::Number(_)) = serde_json::from_str(text)
        && text == text.trim()
    {
        return value;
    }
    match text {
        "true" | "false" if may_be(root, schema, "boolean") => Value::Bool(text == "true"),
        _ => Value::from(text),
    }
}

/// An integer as JSON writes it: no `+1`, no `007`.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits == "0" || digits.starts_with(|first: char| ('1'..='9').contains(&first))
}

/// Whether a schema admits values of a type.
fn may_be(root: &Value, schema: &Value, kind: &str) -> bool {
    admits(root, schema, kind, 16)
}

fn admits(root: &Value, schema: &Value, kind: &str, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    if let Some(target) = target(root, schema) {
        return admits(root, target, kind, depth);
    }
    match schema.get("type") {
        Some(Value::String(one)) => return one == kind,
        Some(Value::Array(many)) => return many.iter().any(|it| it == kind),
        _ => {}
    }
    let literal = schema.get("const").or_else(|| schema.get("enum")?.get(0));
    if let Some(literal) = literal {
        return matches!(
            (literal, kind),
            (Value::String(_), "string")
                | (Value::Number(_), "integer" | "number")
                | (Value::Bool(_), "boolean")
        );
    }
    ["anyOf", "oneOf", "allOf"]
        .iter()
        .filter_map(|it| schema.get(*it)?.as_array())
        .flatten()
        .any(|it| admits(root, it, kind, depth))
}

/// What the elements of a list are.
fn items_of<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let schema = target(root, schema).unwrap_or(schema);
    schema.get("items").or_else(|| {
        let branches = schema.get("anyOf")?.as_array()?;
        branches.iter().find_map(|it| items_of(root, it))
    })
}

fn target<'a>(root: &'a Value, schema: &Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(pointer)
}

/// The first token of a JSON Pointer: the parameter that a violation is about.
pub(crate) fn parameter_of(pointer: &str) -> String {
    let token = pointer.split('/').nth(1).unwrap_or_default();
    token.replace("~1", "/").replace("~0", "~")
}
