//! TOML with the place of every value.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::position::Lines;
use super::{Content, Node, Origin};
use crate::problem::Problem;

/// Reads a TOML file; nothing if there is none. What is wrong with it is added to `problems`, and what is left of it is
/// returned all the same, so that other faults are found in the same run.
pub(crate) fn read(path: &Path, problems: &mut Vec<Problem>) -> Option<Node> {
    let name: Arc<str> = path.display().to_string().into();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            problems.push(
                Problem::new(format!("cannot read {name}: {error}"))
                    .help("make it a file that this user may read, or remove it"),
            );
            return None;
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
            let (line, column) = Lines::of(&text).at(good);
            problems.push(
                Problem::new("not UTF-8 text")
                    .origin(Origin::File {
                        path: name,
                        line,
                        column,
                    })
                    .help("save the file as UTF-8, which is all that TOML allows"),
            );
            return None;
        }
    };
    Some(parse(&text, &name, problems))
}

fn parse(text: &str, path: &Arc<str>, problems: &mut Vec<Problem>) -> Node {
    // a byte order mark is what some editors leave; it is no content
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    let place = |byte: usize| {
        let (line, column) = lines.at(byte);
        Origin::File {
            path: path.clone(),
            line,
            column,
        }
    };
    let mut broken = Vec::new();
    for error in errors {
        // never the error's own text: it repeats the line, which may hold a secret
        let origin = place(error.span().map_or(text.len(), |span| span.start));
        broken.push(line_of(&origin));
        problems.push(Problem::new(format!("not valid TOML: {}", error.message())).origin(origin));
    }
    let mut root = convert_table(document.get_ref(), place(0), &place);
    // what recovery made of a broken line is not what anyone wrote, and below a broken header nothing is where it belongs
    let header = |line: &u32| {
        text.lines()
            .nth((*line as usize).saturating_sub(1))
            .is_some_and(|it| it.trim_start().starts_with('['))
    };
    let end = broken.iter().copied().filter(header).min();
    prune(&mut root, &broken, end.unwrap_or(u32::MAX));
    root
}

/// One TOML value in a text that is not a file, all of one origin.
pub(crate) fn inline(text: &str, origin: &Origin) -> Option<Content> {
    let value = DeValue::parse(text).ok()?;
    Some(convert(&value, &|_| origin.clone()).content)
}

fn convert(value: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Origin) -> Node {
    let origin = place(value.span().start);
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Scalar(Value::String(text.to_string())),
        DeValue::Integer(number) => Content::Scalar(integer(number)),
        DeValue::Float(number) => Content::Scalar(float(number.as_str())),
        DeValue::Boolean(it) => Content::Scalar(Value::Bool(*it)),
        // JSON has no dates: types that hold one read it from its text
        DeValue::Datetime(it) => Content::Scalar(Value::String(it.to_string())),
        DeValue::Array(items) => Content::List(items.iter().map(|it| convert(it, place)).collect()),
        DeValue::Table(members) => return convert_table(members, origin, place),
    };
    Node { content, origin }
}

fn convert_table(members: &DeTable<'_>, origin: Origin, place: &dyn Fn(usize) -> Origin) -> Node {
    let members = members.iter().map(|(name, value)| {
        let mut node = convert(value, place);
        // for a table, the place of its name says more than that of its first byte
        if matches!(node.content, Content::Table(_)) {
            node.origin = place(name.span().start);
        }
        (name.get_ref().to_string(), node)
    });
    Node {
        content: Content::Table(members.collect()),
        origin,
    }
}

fn integer(number: &DeInteger<'_>) -> Value {
    let (digits, radix) = (number.as_str(), number.radix());
    i64::from_str_radix(digits, radix)
        .map(Value::from)
        .or_else(|_| u64::from_str_radix(digits, radix).map(Value::from))
        // too large for any integer type: kept as text, so that the type check names the place
        .unwrap_or_else(|_| Value::String(number.to_string()))
}

fn float(text: &str) -> Value {
    let number = text.parse().ok().and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line, .. } => *line,
        _ => 0,
    }
}

/// Drops the values on broken lines, and all from line `end` on.
fn prune(node: &mut Node, broken: &[u32], end: u32) {
    if broken.is_empty() {
        return;
    }
    if let Content::Table(members) = &mut node.content {
        members.retain(|_, member| {
            let line = line_of(&member.origin);
            line < end && (matches!(member.content, Content::Table(_)) || !broken.contains(&line))
        });
        for member in members.values_mut() {
            prune(member, broken, end);
        }
    }
}
