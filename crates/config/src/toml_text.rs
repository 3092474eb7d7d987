//! Values as TOML text.

use std::fmt::Write as _;

use serde_json::Value;

use crate::source::quoted;

/// A value as TOML writes it on one line.
pub(crate) fn of(value: &Value) -> String {
    match value {
        // TOML has no null; this stands for "not set" where a value is only shown
        Value::Null => "(not set)".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text_of(text),
        Value::Array(items) => format!("[{}]", items.iter().map(of).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, it)| format!("{} = {}", quoted(name), of(it)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}

/// The same, cut where a line of an error gets too long to read.
pub(crate) fn short(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = of(value);
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut cut: String = text.chars().take(LONGEST).collect();
    cut.push('…');
    cut
}

fn text_of(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                // writing to a String cannot fail
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
