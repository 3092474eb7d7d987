//! The walk over value and schema.

use schemars::Schema;
use serde_json::{Map, Value};

use crate::violation::Violation;
use crate::{resolve, words};

/// The most violations that [`violations`] reports; a body of a million wrong elements does not get a million answers.
pub const LIMIT: usize = 100;

/// Steps after which the walk gives up. Each is one schema against one value; only a recursive choice between objects
/// under hostile input comes near, because every branch is tried at every level.
const BUDGET: usize = 200_000;

/// Levels of schema within schema; a `$ref` that leads back to itself without consuming any value ends here.
const DEPTH: usize = 400;

/// Everything that is wrong with `value` according to `schema`, in the order of the schema's rules and at most
/// [`LIMIT`]; empty when the value is valid.
///
/// `$ref` is followed inside `schema` itself (`#/$defs/…`). A `pattern` that is not a regular expression is skipped.
#[must_use]
pub fn violations(schema: &Schema, value: &Value) -> Vec<Violation> {
    let mut walk = Walk {
        root: schema.as_value(),
        pointer: String::new(),
        found: Vec::new(),
        budget: BUDGET,
        depth: 0,
    };
    walk.check(schema.as_value(), value);
    walk.found
}

/// Where the walk is, and what it has found so far.
pub(crate) struct Walk<'a> {
    pub(crate) root: &'a Value,
    pointer: String,
    found: Vec<Violation>,
    budget: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    /// Checks one value against one schema and notes what is wrong.
    pub(crate) fn check(&mut self, schema: &'a Value, value: &Value) {
        if self.found.len() >= LIMIT || self.budget == 0 || self.depth == DEPTH {
            return;
        }
        self.budget -= 1;
        self.depth += 1;
        match schema {
            Value::Bool(false) => self.report("not", "nothing is allowed here"),
            Value::Object(rules) => self.check_rules(rules, value),
            _ => {}
        }
        self.depth -= 1;
    }

    fn check_rules(&mut self, rules: &'a Map<String, Value>, value: &Value) {
        if let Some(target) = resolve::reference(self.root, rules) {
            self.check(target, value);
        }
        if !words::type_fits(rules, value) {
            let message = format!(
                "expected {}, found {}",
                words::expected(rules),
                words::found(value)
            );
            // the rules that follow would only say the same again in other words
            return self.report("type", message);
        }
        self.check_choice(rules, value);
        match value {
            Value::String(text) => self.check_text(rules, text),
            Value::Number(number) => self.check_number(rules, number),
            Value::Array(items) => self.check_array(rules, items),
            Value::Object(members) => self.check_object(rules, members),
            Value::Null | Value::Bool(_) => {}
        }
        self.check_combinations(rules, value);
    }

    /// `enum` and `const`.
    fn check_choice(&mut self, rules: &'a Map<String, Value>, value: &Value) {
        if let Some(Value::Array(choices)) = rules.get("enum")
            && !choices.contains(value)
        {
            self.report_choice(&choices.iter().collect::<Vec<_>>(), value);
        }
        if let Some(only) = rules.get("const")
            && only != value
        {
            self.report("const", format!("must be {}", words::literal(only)));
        }
    }

    /// Notes that the value here is none of `choices`.
    pub(crate) fn report_choice(&mut self, choices: &[&Value], value: &Value) {
        let listed: Vec<String> = choices.iter().map(|it| words::literal(it)).collect();
        let message = match listed.as_slice() {
            [only] => format!("must be {only}"),
            many => format!("must be one of {}", many.join(", ")),
        };
        let suggestion = value.as_str().and_then(|word| {
            crate::closest(word, choices.iter().filter_map(|it| it.as_str())).map(str::to_owned)
        });
        self.report_with("enum", message, suggestion);
    }

    /// Notes a violation of the value that the walk stands on.
    pub(crate) fn report(&mut self, code: &'static str, message: impl Into<String>) {
        self.report_with(code, message, None);
    }

    /// The same with a name that was probably meant.
    pub(crate) fn report_with(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        if self.found.len() < LIMIT {
            self.found.push(Violation {
                pointer: self.pointer.clone(),
                code,
                message: message.into(),
                suggestion,
            });
        }
    }

    /// Does `step` one level further down, at `member`.
    pub(crate) fn at(&mut self, member: &str, step: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        for letter in member.chars() {
            match letter {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                other => self.pointer.push(other),
            }
        }
        step(self);
        self.pointer.truncate(length);
    }

    /// What `schema` would say to `value`, without noting it.
    pub(crate) fn probe(&mut self, schema: &'a Value, value: &Value) -> Vec<Violation> {
        let kept = std::mem::take(&mut self.found);
        self.check(schema, value);
        std::mem::replace(&mut self.found, kept)
    }

    /// Notes what a probe found.
    pub(crate) fn adopt(&mut self, found: Vec<Violation>) {
        let room = LIMIT.saturating_sub(self.found.len());
        self.found.extend(found.into_iter().take(room));
    }
}
