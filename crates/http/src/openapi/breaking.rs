//! Whether a change of the API breaks clients that keep to the document before it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::extract::push_token;

/// A change that breaks clients: where, and what they lose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breaking {
    /// The operation, and the part of it: `POST /teas body /name`.
    pub place: String,
    /// What has changed for the worse.
    pub what: String,
}

impl fmt::Display for Breaking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The changes from `old` to `new` that break a client which was right before: what it sends is refused now, or what it
/// counts on is not answered any more. More operations, more optional input and more output break nobody.
///
/// Both are OpenAPI 3.1 documents as Atlas makes them. A new value of an enumeration in an answer is no break: clients
/// are to expect such.
///
/// ```
/// use atlas_http::openapi::breaking;
/// use serde_json::json;
///
/// let old = json!({ "paths": { "/teas": { "get": { "responses": {} }, "post": { "responses": {} } } } });
/// let new = json!({ "paths": { "/teas": { "get": { "responses": {} } } } });
/// assert_eq!(breaking(&old, &new)[0].to_string(), "POST /teas: is gone");
/// assert!(breaking(&new, &old).is_empty());
/// ```
pub fn breaking(old: &Value, new: &Value) -> Vec<Breaking> {
    let mut walk = Walk {
        old,
        new,
        place: String::new(),
        pointer: String::new(),
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    for (path, methods) in members(&old["paths"]) {
        let now = members(&new["paths"]).find(|(it, _)| shape(it) == shape(path));
        for (method, operation) in members(methods) {
            walk.place = format!("{} {path}", method.to_uppercase());
            walk.seen.clear();
            match now.and_then(|(_, methods)| methods.get(method)) {
                Some(now) => walk.operation(operation, now),
                None => walk.report("is gone"),
            }
        }
    }
    walk.found
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// From the client: it must not be narrowed.
    In,
    /// To the client: it must not be widened.
    Out,
}

struct Walk<'a> {
    old: &'a Value,
    new: &'a Value,
    /// The operation and the part of it.
    place: String,
    /// The value in that part.
    pointer: String,
    /// Pairs of named schemas that were compared, so that a schema which holds itself ends.
    seen: BTreeSet<(String, String, Way)>,
    found: Vec<Breaking>,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, old: &'a Value, new: &'a Value) {
        self.parameters(list(&old["parameters"]), list(&new["parameters"]));
        match (old.get("requestBody"), new.get("requestBody")) {
            (None, Some(_)) => self.report("needs a body now"),
            (Some(_), None) => self.report("takes no body any more"),
            (Some(old), Some(new)) => {
                self.at(" body", |walk| {
                    walk.content(old, new, Way::In, "is no longer taken");
                });
            }
            (None, None) => {}
        }
        let successes = members(&old["responses"]).filter(|(status, _)| status.starts_with('2'));
        for (status, response) in successes {
            match new["responses"].get(status) {
                Some(now) => self.at(&format!(" {status}"), |walk| {
                    walk.content(response, now, Way::Out, "is no longer answered");
                }),
                None => self.report(format!("no longer answers {status}")),
            }
        }
    }

    fn parameters(&mut self, old: &'a [Value], new: &'a [Value]) {
        let in_path = |it: &&'a Value| it["in"] == "path";
        let pairs = old.iter().filter(in_path).zip(new.iter().filter(in_path));
        for (before, now) in pairs {
            self.at(&title(before), |walk| {
                walk.schema(&before["schema"], &now["schema"], Way::In);
            });
        }
        let key = |it: &'a Value| (&it["in"], &it["name"]);
        for before in old.iter().filter(|it| !in_path(it)) {
            match new.iter().find(|it| key(it) == key(before)) {
                Some(now) => self.at(&title(before), |walk| {
                    walk.schema(&before["schema"], &now["schema"], Way::In);
                }),
                None if before["in"] == "query" => {
                    self.at(&title(before), |walk| walk.report("is refused now"));
                }
                None => {}
            }
        }
        let required = new
            .iter()
            .filter(|it| it["required"] == true && !in_path(it));
        for now in required {
            let before = old.iter().find(|it| key(it) == key(now));
            if before.is_none_or(|it| it["required"] != true) {
                self.at(&title(now), |walk| walk.report("is required now"));
            }
        }
    }

    fn content(&mut self, old: &'a Value, new: &'a Value, way: Way, gone: &str) {
        for (media, before) in members(&old["content"]) {
            match new["content"].get(media) {
                Some(now) => self.schema(&before["schema"], &now["schema"], way),
                None => self.report(format!("`{media}` {gone}")),
            }
        }
    }

    fn schema(&mut self, old: &'a Value, new: &'a Value, way: Way) {
        let names = (name(old), name(new));
        if let (Some(one), Some(other)) = names
            && !self.seen.insert((one.to_owned(), other.to_owned(), way))
        {
            return;
        }
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        self.kinds(old, new, way);
        if way == Way::In {
            self.values(old, new);
            self.bounds(old, new);
        }
        self.fields(old, new, way);
        if let (Some(before), Some(now)) = (old.get("items"), new.get("items")) {
            self.at("/-", |walk| walk.schema(before, now, way));
        }
        if let (Some(before), Some(now)) = (only_branch(old), only_branch(new)) {
            self.schema(before, now, way);
        }
    }

    fn kinds(&mut self, old: &Value, new: &Value, way: Way) {
        let (Some(before), Some(now)) = (kinds(old), kinds(new)) else {
            return;
        };
        let (wanted, there) = match way {
            Way::In => (&before, &now),
            Way::Out => (&now, &before),
        };
        let lost: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|kind| {
                let number = *kind == "integer" && there.contains("number");
                !there.contains(kind) && !number
            })
            .collect();
        if lost.is_empty() {
            return;
        }
        let lost = lost.join(" or ");
        match way {
            Way::In => self.report(format!("takes no {lost} any more")),
            Way::Out => self.report(format!("may be {lost} now")),
        }
    }

    /// Values that were taken and are not any more.
    fn values(&mut self, old: &Value, new: &Value) {
        let (Some(before), Some(now)) = (values(old), values(new)) else {
            return;
        };
        for value in before.iter().filter(|it| !now.contains(it)) {
            self.report(format!("`{value}` is refused now"));
        }
    }

    /// Rules that have become stricter.
    fn bounds(&mut self, old: &Value, new: &Value) {
        for (rule, least) in [
            ("minLength", true),
            ("minimum", true),
            ("minItems", true),
            ("maxLength", false),
            ("maximum", false),
            ("maxItems", false),
        ] {
            let Some(now) = new.get(rule).and_then(Value::as_f64) else {
                continue;
            };
            let stricter = match old.get(rule).and_then(Value::as_f64) {
                Some(before) => (least && now > before) || (!least && now < before),
                None => true,
            };
            if stricter {
                self.report(format!("`{rule}` is {} now", new[rule]));
            }
        }
        for rule in ["pattern", "format"] {
            if let Some(now) = new.get(rule)
                && old.get(rule) != Some(now)
            {
                self.report(format!("must have the {rule} {now} now"));
            }
        }
    }

    fn fields(&mut self, old: &'a Value, new: &'a Value, way: Way) {
        for (field, before) in members(&old["properties"]) {
            let step = format!("/{field}");
            match (new["properties"].get(field), way) {
                (Some(now), _) => self.at(&step, |walk| walk.schema(before, now, way)),
                (None, Way::Out) => self.at(&step, |walk| walk.report("is gone")),
                (None, Way::In) if new["additionalProperties"] == false => {
                    self.at(&step, |walk| walk.report("is refused now"));
                }
                (None, Way::In) => {}
            }
        }
        let required =
            |schema: &'a Value| list(&schema["required"]).iter().filter_map(Value::as_str);
        let (more, fewer, what) = match way {
            Way::In => (new, old, "is required now"),
            Way::Out => (old, new, "may be missing now"),
        };
        for field in required(more) {
            let known = new["properties"].get(field).is_some();
            if known && !required(fewer).any(|it| it == field) {
                self.at(&format!("/{field}"), |walk| walk.report(what));
            }
        }
    }

    fn at(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let (place, pointer) = (self.place.len(), self.pointer.len());
        match step.strip_prefix('/') {
            Some(token) => push_token(&mut self.pointer, token),
            None => self.place.push_str(step),
        }
        then(self);
        self.place.truncate(place);
        self.pointer.truncate(pointer);
    }

    fn report(&mut self, what: impl Into<String>) {
        let gap = if self.pointer.is_empty() { "" } else { " " };
        self.found.push(Breaking {
            place: format!("{}{gap}{}", self.place, self.pointer),
            what: what.into(),
        });
    }
}

/// A path without the names of its parameters, which clients never see.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shape, part| {
        let (_, rest) = part.split_once('}').unwrap_or_default();
        shape + "{}" + rest
    })
}

/// What a parameter is called in a report.
fn title(parameter: &Value) -> String {
    let word = |name: &str| parameter[name].as_str().unwrap_or_default();
    format!(" {} parameter `{}`", word("in"), word("name"))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn name(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = name(schema).and_then(|it| it.strip_prefix('#'));
    let target = pointer.and_then(|it| document.pointer(it));
    target.unwrap_or(schema)
}

/// The types that a schema names, if it names any.
fn kinds(schema: &Value) -> Option<BTreeSet<&str>> {
    match schema.get("type")? {
        Value::String(one) => Some([one.as_str()].into()),
        Value::Array(many) => Some(many.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// The values that a schema lists, if it lists them.
fn values(schema: &Value) -> Option<Vec<&Value>> {
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        return Some(list.iter().collect());
    }
    if let Some(only) = schema.get("const") {
        return Some(vec![only]);
    }
    let branches = schema.get("oneOf").and_then(Value::as_array)?;
    let each: Option<Vec<_>> = branches.iter().map(values).collect();
    each.map(|it| it.concat())
}

/// What is left of "this or null".
fn only_branch(schema: &Value) -> Option<&Value> {
    let branches = schema.get("anyOf").and_then(Value::as_array)?;
    let mut rest = branches
        .iter()
        .filter(|it| it.get("type").is_none_or(|it| it != "null"));
    rest.next().filter(|_| rest.next().is_none())
}
