//! Lists: where a page begins, and text that is searched for.

use std::str::FromStr;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic, Order, QueryFilter, QueryOrder, Select, Value,
    prelude::{ChronoDate, ChronoDateTime, ChronoDateTimeUtc, Uuid},
    sea_query::{BinOper, Expr, ExprTrait, Func},
};
use serde_json::Value as Json;

use crate::{Error, Result};

/// Orders a query, and begins it behind the row where the page before ended.
///
/// `order` names columns that are never null, each with whether it descends; the last one must be unique, so that no two
/// rows are equal. `after` holds the values of these columns in the last row of the page before, or nothing for the first
/// page. The database seeks the place by its index: the last page is as quick as the first.
///
/// # Errors
///
/// When `after` does not fit the columns: another number of values, or values of other types. It is the client's error
/// ([`Error::is_malformed`]): a cursor that was forged, or is older than the columns are.
pub fn seek<E: EntityTrait>(
    select: Select<E>,
    order: &[(E::Column, bool)],
    after: Option<&[Json]>,
) -> Result<Select<E>> {
    let ordered = order.iter().fold(select, |select, (column, descending)| {
        select.order_by(*column, if *descending { Order::Desc } else { Order::Asc })
    });
    let Some(after) = after else {
        return Ok(ordered);
    };
    if after.len() != order.len() {
        let words = format!(
            "a position of {} values in an order of {} columns",
            after.len(),
            order.len()
        );
        return Err(Error::malformed(words));
    }
    let keys = order
        .iter()
        .zip(after)
        .map(|((column, descending), value)| {
            Ok((*column, *descending, typed::<E>(*column, value)?))
        });
    let keys: Vec<(E::Column, bool, Value)> = keys.collect::<Result<_>>()?;

    let mut behind = Condition::any();
    for (at, (column, descending, value)) in keys.iter().enumerate() {
        let mut equal = Condition::all();
        for (column, _, value) in &keys[..at] {
            equal = equal.add(column.eq(value.clone()));
        }
        let value = value.clone();
        behind = behind.add(equal.add(if *descending {
            column.lt(value)
        } else {
            column.gt(value)
        }));
    }
    // says nothing new, but lets the index of the first column find the place
    let bound = keys.first().map(|(column, descending, value)| {
        let value = value.clone();
        if *descending {
            column.lte(value)
        } else {
            column.gte(value)
        }
    });
    Ok(ordered
        .filter(behind)
        .filter(Condition::all().add_option(bound)))
}

/// Rows whose column contains a text, whatever the case of its ASCII letters. `%` and `_` in the text mean themselves.
///
/// Letters beyond ASCII match in either case on a server, and as they are written on SQLite.
pub fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    // not the backslash, which MySQL reads as an escape inside of literals already
    const ESCAPE: char = '!';
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(letter);
    }
    pattern.push('%');
    // the engine lowers both sides, because no two engines lower the same letters
    let column = Expr::from(Func::lower(Expr::col((column.entity_name(), column))));
    let pattern = Expr::from(Func::lower(Expr::val(pattern)));
    let escape = Expr::Constant(Value::from(ESCAPE));
    column.binary(BinOper::Like, pattern.binary(BinOper::Escape, escape))
}

/// A JSON value as the type of its column has it.
pub(crate) fn typed<E: EntityTrait>(column: E::Column, json: &Json) -> Result<Value> {
    use sea_orm::sea_query::ColumnType as Type;
    let text = json.as_str().unwrap_or_default();
    let value = match column.def().get_column_type() {
        Type::Char(_) | Type::String(_) | Type::Text | Type::Enum { .. } => {
            json.as_str().map(Value::from)
        }
        Type::TinyInteger | Type::SmallInteger | Type::Integer | Type::BigInteger => {
            json.as_i64().map(Value::from)
        }
        Type::TinyUnsigned | Type::SmallUnsigned | Type::Unsigned | Type::BigUnsigned => {
            json.as_i64().map(Value::from)
        }
        Type::Float | Type::Double => json.as_f64().map(Value::from),
        Type::Boolean => json.as_bool().map(Value::from),
        Type::Uuid => Uuid::from_str(text).ok().map(Value::from),
        Type::Date => ChronoDate::from_str(text).ok().map(Value::from),
        Type::DateTime | Type::Timestamp => ChronoDateTime::from_str(text).ok().map(Value::from),
        Type::TimestampWithTimeZone => ChronoDateTimeUtc::from_str(text).ok().map(Value::from),
        _ => None,
    };
    value.ok_or_else(|| {
        Error::malformed(format!(
            "a position that does not fit the column `{}`",
            IdenStatic::as_str(&column)
        ))
    })
}
