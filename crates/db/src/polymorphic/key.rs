//! Keys in one form, so that those of both sides are equal when they mean the same row.

use std::str::FromStr;

use sea_orm::{
    ColumnTrait, ModelTrait, Value,
    prelude::Uuid,
    sea_query::{ColumnType, OptionEnum},
};

use super::Polymorphic;

type Column<M> = <<M as ModelTrait>::Entity as sea_orm::EntityTrait>::Column;

/// The key in a column of a row, as a column of type `wanted` has it; none when it is null or cannot be one.
pub(super) fn read<M: ModelTrait>(
    row: &M,
    column: Column<M>,
    wanted: &ColumnType,
) -> Option<Value> {
    convert(row.get(column), wanted)
}

/// The type of the keys in a column.
pub(super) fn of(column: impl ColumnTrait) -> ColumnType {
    column.def().get_column_type().clone()
}

/// Says whether a row belongs to a row of this kind. The engine alone does not decide: MySQL and MariaDB find `Product`
/// where `product` was asked for.
pub(super) fn is_of<M>(row: &M, kind: &str) -> bool
where
    M: ModelTrait,
    M::Entity: Polymorphic,
{
    match row.get(M::Entity::kind()) {
        Value::String(Some(text)) => text == kind,
        Value::Enum(OptionEnum::Some(it)) => it.value.as_ref() == kind,
        _ => false,
    }
}

fn convert(value: Value, wanted: &ColumnType) -> Option<Value> {
    use ColumnType as Type;
    match wanted {
        Type::TinyInteger
        | Type::SmallInteger
        | Type::Integer
        | Type::BigInteger
        | Type::TinyUnsigned
        | Type::SmallUnsigned
        | Type::Unsigned
        | Type::BigUnsigned => match value {
            Value::String(text) => same::<i64>(&text?),
            value => number(&value).and_then(whole),
        },
        Type::Char(_) | Type::String(_) | Type::Text => match value {
            Value::String(text) => text.map(Value::from),
            Value::Uuid(id) => Some(id?.hyphenated().to_string().into()),
            value => number(&value).map(|it| it.to_string().into()),
        },
        Type::Uuid => match value {
            Value::Uuid(id) => id.map(Value::from),
            Value::String(text) => same::<Uuid>(&text?),
            _ => None,
        },
        _ => (value != value.as_null()).then_some(value),
    }
}

/// A key as it stands in a column of texts. Only one text means it: `07` would be found from one of the two sides only.
fn same<T: FromStr + ToString + Into<Value>>(text: &str) -> Option<Value> {
    let key: T = text.parse().ok()?;
    (key.to_string() == text).then(|| key.into())
}

/// A number in the one type that integers compare in; beyond it are unsigned ones only.
fn whole(number: i128) -> Option<Value> {
    match i64::try_from(number) {
        Ok(number) => Some(number.into()),
        Err(_) => u64::try_from(number).ok().map(Value::from),
    }
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::TinyInt(it) => it.map(i128::from),
        Value::SmallInt(it) => it.map(i128::from),
        Value::Int(it) => it.map(i128::from),
        Value::BigInt(it) => it.map(i128::from),
        Value::TinyUnsigned(it) => it.map(i128::from),
        Value::SmallUnsigned(it) => it.map(i128::from),
        Value::Unsigned(it) => it.map(i128::from),
        Value::BigUnsigned(it) => it.map(i128::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{Value, prelude::Uuid, sea_query::ColumnType as Type};

    use super::convert;

    #[test]
    fn a_key_is_equal_to_itself_in_every_type_that_can_hold_it() {
        let id = Uuid::from_u128(7);
        let text = "00000000-0000-0000-0000-000000000007";
        for (value, wanted, key) in [
            (
                Value::from(7_i32),
                Type::BigInteger,
                Some(Value::from(7_i64)),
            ),
            (Value::from(7_u8), Type::Integer, Some(Value::from(7_i64))),
            (
                Value::from(u64::MAX),
                Type::BigUnsigned,
                Some(Value::from(u64::MAX)),
            ),
            (Value::from(-7_i64), Type::Text, Some(Value::from("-7"))),
            (
                Value::from("-7"),
                Type::BigInteger,
                Some(Value::from(-7_i64)),
            ),
            (Value::from("07"), Type::BigInteger, None),
            (Value::from("tea"), Type::BigInteger, None),
            (Value::from("18446744073709551615"), Type::BigUnsigned, None),
            (Value::from(id), Type::Text, Some(Value::from(text))),
            (Value::from(text), Type::Uuid, Some(Value::from(id))),
            (
                Value::from("00000000000000000000000000000007"),
                Type::Uuid,
                None,
            ),
            (Value::from(7_i64), Type::Uuid, None),
            (Value::String(None), Type::Text, None),
            (Value::BigInt(None), Type::BigInteger, None),
            (Value::Bytes(None), Type::Blob, None),
        ] {
            assert_eq!(
                convert(value.clone(), &wanted),
                key,
                "{value:?} as {wanted:?}"
            );
        }
    }
}
