//! Records in TOML.

use serde_json::{Number, Value as Json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::node::{Content, Flaw, Lines, Member, Node};

pub(super) fn read(text: &str) -> Result<Node, Flaw> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| Flaw {
        at: lines.at(error.span().map_or(0, |span| span.start)),
        problem: format!("malformed TOML: {}", error.message()),
    })?;
    Ok(Node {
        at: lines.at(0),
        content: members(table.get_ref(), &lines),
    })
}

fn members(table: &DeTable<'_>, lines: &Lines<'_>) -> Content {
    // tables of TOML are sorted by name; the order of the file is the order of the spans
    let mut all: Vec<_> = table.iter().collect();
    all.sort_by_key(|(name, _)| name.span().start);
    let members = all.into_iter().map(|(name, value)| Member {
        name: name.get_ref().to_string(),
        at: lines.at(name.span().start),
        value: node(value, lines),
    });
    Content::Table(members.collect())
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Value(Json::from(text.as_ref())),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            Content::Value(parsed.map_or_else(|_| Json::from(number.to_string()), Json::from))
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().and_then(Number::from_f64);
            Content::Value(parsed.map_or_else(|| Json::from(number.as_str()), Json::Number))
        }
        DeValue::Boolean(it) => Content::Value(Json::from(*it)),
        DeValue::Datetime(it) => Content::Value(Json::from(it.to_string())),
        DeValue::Array(items) => Content::List(items.iter().map(|it| node(it, lines)).collect()),
        DeValue::Table(table) => members(table, lines),
    };
    Node {
        at: lines.at(value.span().start),
        content,
    }
}
