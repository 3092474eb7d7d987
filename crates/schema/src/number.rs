//! Rules for numbers.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use crate::check::Walk;

impl<'a> Walk<'a> {
    pub(crate) fn check_number(&mut self, rules: &'a Map<String, Value>, number: &Number) {
        let against_rule = |name: &str| match rules.get(name) {
            Some(Value::Number(bound)) => Some((compare(number, bound), bound.to_string())),
            _ => None,
        };
        let range = rules.get("format").and_then(Value::as_str).and_then(range);
        let least = against_rule("minimum").or_else(|| Some(against(number, range?.0)));
        if let Some((Ordering::Less, least)) = least {
            self.report("minimum", format!("must be at least {least}"));
        } else if let Some((Ordering::Less | Ordering::Equal, least)) =
            against_rule("exclusiveMinimum")
        {
            self.report("minimum", format!("must be more than {least}"));
        }
        let most = against_rule("maximum").or_else(|| Some(against(number, range?.1)));
        if let Some((Ordering::Greater, most)) = most {
            self.report("maximum", format!("must be at most {most}"));
        } else if let Some((Ordering::Greater | Ordering::Equal, most)) =
            against_rule("exclusiveMaximum")
        {
            self.report("maximum", format!("must be less than {most}"));
        }
        if let Some(Value::Number(step)) = rules.get("multipleOf")
            && !is_multiple(number, step)
        {
            self.report("multiple_of", format!("must be a multiple of {step}"));
        }
    }
}

/// The bounds that the format of an integer implies; schemars writes them out for the small ones only.
fn range(format: &str) -> Option<(i128, i128)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "int64" | "int" => (i64::MIN.into(), i64::MAX.into()),
        "uint64" | "uint" => (0, u64::MAX.into()),
        _ => return None,
    })
}

fn against(number: &Number, bound: i128) -> (Ordering, String) {
    let order = match whole(number) {
        Some(whole) => whole.cmp(&bound),
        None => number
            .as_f64()
            .and_then(|it| it.partial_cmp(&(bound as f64)))
            .unwrap_or(Ordering::Equal),
    };
    (order, bound.to_string())
}

fn compare(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left
            .as_f64()
            .zip(right.as_f64())
            .and_then(|(left, right)| left.partial_cmp(&right))
            .unwrap_or(Ordering::Equal),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}

fn is_multiple(number: &Number, step: &Number) -> bool {
    match (whole(number), whole(step)) {
        (Some(number), Some(step)) => step == 0 || number % step == 0,
        _ => match (number.as_f64(), step.as_f64()) {
            (Some(number), Some(step)) if step != 0.0 => {
                // 0.3 is a multiple of 0.1, although the nearest doubles are not
                let times = number / step;
                (times - times.round()).abs() < 1e-9
            }
            _ => true,
        },
    }
}
