//! Values for tests: another for another number.

use super::types::Typed;
use crate::ops::fields::FieldKind;

/// A line of a literal of the details, in Rust.
pub(super) fn rust(field: Typed<'_>) -> String {
    let name = field.name();
    let value = match field.0.kind {
        FieldKind::String | FieldKind::Text => {
            format!("format!(\"{} {{number}}\")", field.0.name.spoken())
        }
        FieldKind::Int => "number".to_owned(),
        FieldKind::Bigint => "number.into()".to_owned(),
        FieldKind::Decimal => "Decimal::from_ten_thousandths(number.into())".to_owned(),
        FieldKind::Bool => "number == 1".to_owned(),
        FieldKind::Date => {
            "ChronoDate::from_num_days_from_ce_opt(740_000 + number).unwrap()".to_owned()
        }
        FieldKind::Datetime => {
            "ChronoDateTimeUtc::from_timestamp(number.into(), 0).unwrap()".to_owned()
        }
        FieldKind::Uuid => "Uuid::from_u128(number.unsigned_abs().into())".to_owned(),
        FieldKind::Json => "json!({ \"number\": number })".to_owned(),
        FieldKind::Money => {
            "Money { currency_code: \"USD\".to_owned(), units: number.into(), nanos: 0 }".to_owned()
        }
    };
    match (field.0.optional, value == name) {
        (true, _) => format!("{name}: Some({value}),\n"),
        (false, true) => format!("{name},\n"),
        (false, false) => format!("{name}: {value},\n"),
    }
}

/// What clients send for it, as a literal of `json!`.
pub(super) fn json(field: Typed<'_>, number: u8) -> String {
    match field.0.kind {
        FieldKind::String | FieldKind::Text => format!("\"{} {number}\"", field.0.name.spoken()),
        FieldKind::Int | FieldKind::Bigint => format!("{number}"),
        FieldKind::Decimal => format!("\"{number}.5\""),
        FieldKind::Bool => format!("{}", number == 1),
        FieldKind::Date => format!("\"2026-01-{number:02}\""),
        FieldKind::Datetime => format!("\"2026-01-01T00:00:{number:02}Z\""),
        FieldKind::Uuid => format!("\"00000000-0000-7000-8000-{number:012}\""),
        FieldKind::Json => format!("{{ \"number\": {number} }}"),
        FieldKind::Money => {
            format!("{{ \"currency_code\": \"USD\", \"units\": {number}, \"nanos\": 0 }}")
        }
    }
}

/// The same for any `number`, as an expression.
pub(super) fn any_json(field: Typed<'_>) -> String {
    match field.0.kind {
        FieldKind::Int | FieldKind::Bigint => "number".to_owned(),
        FieldKind::String | FieldKind::Text => {
            format!("format!(\"{} {{number}}\")", field.0.name.spoken())
        }
        FieldKind::Decimal => "format!(\"{number}.25\")".to_owned(),
        FieldKind::Date => "format!(\"2026-02-{number:02}\")".to_owned(),
        FieldKind::Datetime => "format!(\"2026-02-01T00:00:{number:02}Z\")".to_owned(),
        FieldKind::Uuid => "format!(\"00000000-0000-7000-9000-{number:012}\")".to_owned(),
        // these have no index
        FieldKind::Bool | FieldKind::Json | FieldKind::Money => "true".to_owned(),
    }
}
