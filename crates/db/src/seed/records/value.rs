//! A value of a file as the type that its field has.

use std::str::FromStr;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IdenStatic, Value,
    prelude::{
        ChronoDate, ChronoDateTime, ChronoDateTimeUtc, ChronoDateTimeWithTimeZone, ChronoTime, Uuid,
    },
    sea_query::{ColumnType as Type, Enum, OptionEnum},
};
use serde_json::Value as Json;

/// Sets a column of a row; the words are what is wrong with the value.
///
/// The type of a field is not known here, only that of its column, which leaves a choice: an integer column may be read
/// into an `i32` or an `i64`, a time into one with an offset or one in UTC. The field takes the one that fits.
pub(super) fn set<A: ActiveModelTrait>(
    row: &mut A,
    column: <A::Entity as EntityTrait>::Column,
    json: &Json,
) -> Result<(), String> {
    let definition = column.def();
    let kind = definition.get_column_type();
    let fits = candidates(json, kind, column.enum_type_name())
        .into_iter()
        .any(|value| row.try_set(column, value).is_ok());
    if fits {
        return Ok(());
    }
    Err(format!(
        "`{}` takes {}, not {}",
        IdenStatic::as_str(&column),
        wanted(kind),
        shown(json)
    ))
}

fn candidates(json: &Json, kind: &Type, enum_name: Option<&'static str>) -> Vec<Value> {
    let whole = || Value::Json(Some(Box::new(json.clone())));
    if matches!(kind, Type::Json | Type::JsonBinary) {
        return match json {
            Json::Null => vec![Value::Json(None), whole()],
            _ => vec![whole()],
        };
    }
    match json {
        Json::Null => nulls(enum_name),
        Json::Bool(it) => vec![Value::Bool(Some(*it))],
        Json::Number(number) => numbers(number, kind),
        Json::String(text) => texts(text, kind, enum_name),
        Json::Array(items) => {
            let bytes = items.iter().map(|it| u8::try_from(it.as_u64()?).ok());
            let bytes: Option<Vec<u8>> = bytes.collect();
            bytes
                .map(|it| Value::Bytes(Some(it)))
                .into_iter()
                .chain([whole()])
                .collect()
        }
        Json::Object(_) => vec![whole()],
    }
}

fn nulls(enum_name: Option<&'static str>) -> Vec<Value> {
    let mut all = vec![
        Value::String(None),
        Value::BigInt(None),
        Value::Int(None),
        Value::SmallInt(None),
        Value::TinyInt(None),
        Value::BigUnsigned(None),
        Value::Unsigned(None),
        Value::SmallUnsigned(None),
        Value::TinyUnsigned(None),
        Value::Double(None),
        Value::Float(None),
        Value::Bool(None),
        Value::Uuid(None),
        Value::ChronoDateTimeUtc(None),
        Value::ChronoDateTimeWithTimeZone(None),
        Value::ChronoDateTime(None),
        Value::ChronoDate(None),
        Value::ChronoTime(None),
        Value::Json(None),
        Value::Bytes(None),
        Value::Char(None),
    ];
    all.extend(enum_name.map(|name| Value::Enum(OptionEnum::None(name.into()))));
    all
}

fn numbers(number: &serde_json::Number, kind: &Type) -> Vec<Value> {
    let mut all = Vec::with_capacity(10);
    if let Some(it) = number.as_i64() {
        let small = matches!(
            kind,
            Type::Integer | Type::SmallInteger | Type::TinyInteger | Type::Unsigned
        );
        let int = i32::try_from(it).ok().map(|it| Value::Int(Some(it)));
        let big = Some(Value::BigInt(Some(it)));
        all.extend(
            if small { [int, big] } else { [big, int] }
                .into_iter()
                .flatten(),
        );
        all.extend(i16::try_from(it).ok().map(|it| Value::SmallInt(Some(it))));
        all.extend(i8::try_from(it).ok().map(|it| Value::TinyInt(Some(it))));
    }
    if let Some(it) = number.as_u64() {
        all.push(Value::BigUnsigned(Some(it)));
        all.extend(u32::try_from(it).ok().map(|it| Value::Unsigned(Some(it))));
        all.extend(
            u16::try_from(it)
                .ok()
                .map(|it| Value::SmallUnsigned(Some(it))),
        );
        all.extend(
            u8::try_from(it)
                .ok()
                .map(|it| Value::TinyUnsigned(Some(it))),
        );
    }
    if let Some(it) = number.as_f64() {
        all.push(Value::Double(Some(it)));
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a field of type f32 holds no more"
        )]
        all.push(Value::Float(Some(it as f32)));
    }
    all
}

fn texts(text: &str, kind: &Type, enum_name: Option<&'static str>) -> Vec<Value> {
    let string = Value::String(Some(text.to_owned()));
    if matches!(kind, Type::Char(_) | Type::String(_) | Type::Text) && enum_name.is_none() {
        // the usual case, without a look at the others
        let mut letters = text.chars();
        return match (letters.next(), letters.next()) {
            (Some(letter), None) => vec![string, Value::Char(Some(letter))],
            _ => vec![string],
        };
    }
    let mut all = vec![string];
    all.extend(enum_name.map(|name| {
        Value::Enum(OptionEnum::Some(Box::new(Enum {
            type_name: name.into(),
            value: text.to_owned().into(),
        })))
    }));
    all.extend(Uuid::from_str(text).ok().map(Value::from));
    if let Ok(time) = ChronoDateTimeWithTimeZone::from_str(text) {
        all.push(Value::from(ChronoDateTimeUtc::from(time)));
        all.push(Value::from(time));
    }
    let local = ChronoDateTime::from_str(text)
        .or_else(|_| ChronoDateTime::from_str(&text.replacen(' ', "T", 1)));
    all.extend(local.ok().map(Value::from));
    all.extend(ChronoDate::from_str(text).ok().map(Value::from));
    all.extend(ChronoTime::from_str(text).ok().map(Value::from));
    all
}

fn wanted(kind: &Type) -> &'static str {
    match kind {
        Type::Char(_) | Type::String(_) | Type::Text => "a text",
        Type::TinyInteger | Type::SmallInteger | Type::Integer | Type::BigInteger => {
            "a whole number within its range"
        }
        Type::TinyUnsigned | Type::SmallUnsigned | Type::Unsigned | Type::BigUnsigned => {
            "a whole number from 0 within its range"
        }
        Type::Float | Type::Double => "a number",
        Type::Boolean => "`true` or `false`",
        Type::Uuid => "a UUID such as `0192d3c4-5678-7abc-9def-0123456789ab`",
        Type::Date => "a date such as `2026-11-22`",
        Type::Time => "a time such as `09:30:00`",
        Type::DateTime | Type::Timestamp => "a time such as `2026-11-22T09:30:00`",
        Type::TimestampWithTimeZone => "a time such as `2026-11-22T09:30:00Z`",
        Type::Binary(_) | Type::VarBinary(_) | Type::Blob => "a list of bytes such as `[0, 255]`",
        Type::Enum { .. } => "one of its variants",
        _ => "another value",
    }
}

fn shown(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
