//! Rules for strings.

use serde_json::{Map, Value};

use crate::check::Walk;
use crate::{format, pattern, words};

impl<'a> Walk<'a> {
    pub(crate) fn check_text(&mut self, rules: &'a Map<String, Value>, text: &str) {
        let bound = |name: &str| rules.get(name).and_then(Value::as_u64);
        if bound("minLength").is_some() || bound("maxLength").is_some() {
            let length = text.chars().count() as u64;
            if let Some(least) = bound("minLength").filter(|least| length < *least) {
                self.report(
                    "min_length",
                    format!("must have at least {}", words::counted(least, "character")),
                );
            }
            if let Some(most) = bound("maxLength").filter(|most| length > *most) {
                self.report(
                    "max_length",
                    format!("must have at most {}", words::counted(most, "character")),
                );
            }
        }
        if let Some(pattern) = rules.get("pattern").and_then(Value::as_str)
            && pattern::is_broken(pattern, text)
        {
            let message = match rules.get("x-expected").and_then(Value::as_str) {
                Some(words) => format!("expected {words}"),
                None => format!("must match the pattern `{pattern}`"),
            };
            self.report("pattern", message);
        }
        if let Some(name) = rules.get("format").and_then(Value::as_str)
            && let Some(words) = format::broken(name, text)
        {
            self.report("format", format!("must be {words}"));
        }
    }
}
