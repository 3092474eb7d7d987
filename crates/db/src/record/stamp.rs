//! What a row is given when it is written.

use std::time::SystemTime;

use atlas_core::Actor;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, Value, prelude::ChronoDateTimeUtc,
    sea_query::ColumnType,
};

use super::Record;

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Gives a row that is about to be inserted its times, authors and first version. What is set already stays.
///
/// For statements that write several rows at once (`insert_many`, `upsert`); [`insert`](super::insert) does it by itself.
#[must_use = "the row is not changed in place"]
pub fn stamp_insert<A>(mut row: A) -> A
where
    A: ActiveModelTrait,
    A::Entity: Record,
{
    let now = now();
    for column in [A::Entity::created_at(), A::Entity::updated_at()] {
        if let Some(column) = column.filter(|it| row.is_not_set(*it)) {
            put_time(&mut row, column, now);
        }
    }
    if let Some(actor) = Actor::current() {
        for column in [A::Entity::created_by(), A::Entity::updated_by()] {
            if let Some(column) = column.filter(|it| row.is_not_set(*it)) {
                put_text(&mut row, column, Some(&actor));
            }
        }
    }
    if let Some(column) = A::Entity::version().filter(|it| row.is_not_set(*it)) {
        put_first(&mut row, column);
    }
    row
}

/// Gives a row that is about to be changed its time and author. What is set by hand stays; the version is not touched.
#[must_use = "the row is not changed in place"]
pub fn stamp_update<A>(mut row: A) -> A
where
    A: ActiveModelTrait,
    A::Entity: Record,
{
    let by_hand = |row: &A, column| matches!(row.get(column), ActiveValue::Set(_));
    if let Some(column) = A::Entity::updated_at().filter(|it| !by_hand(&row, *it)) {
        put_time(&mut row, column, now());
    }
    if let Some(column) = A::Entity::updated_by().filter(|it| !by_hand(&row, *it)) {
        put_text(&mut row, column, Actor::current().as_ref());
    }
    row
}

/// The present, as precise as all engines keep it.
pub(super) fn now() -> ChronoDateTimeUtc {
    let now = ChronoDateTimeUtc::from(SystemTime::now());
    ChronoDateTimeUtc::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

/// A time as a column of this type takes it.
pub(super) fn time_for(column: &impl ColumnTrait, time: ChronoDateTimeUtc) -> Value {
    match column.def().get_column_type() {
        ColumnType::TimestampWithTimeZone => time.into(),
        _ => time.naive_utc().into(),
    }
}

/// The version after this one.
pub(super) fn next(version: &Value) -> Option<Value> {
    Some(match version {
        Value::SmallInt(Some(it)) => it.wrapping_add(1).into(),
        Value::Int(Some(it)) => it.wrapping_add(1).into(),
        Value::BigInt(Some(it)) => it.wrapping_add(1).into(),
        Value::SmallUnsigned(Some(it)) => it.wrapping_add(1).into(),
        Value::Unsigned(Some(it)) => it.wrapping_add(1).into(),
        Value::BigUnsigned(Some(it)) => it.wrapping_add(1).into(),
        _ => return None,
    })
}

/// The field may have any of the types that hold a time.
fn put_time<A: ActiveModelTrait>(row: &mut A, column: Column<A>, time: ChronoDateTimeUtc) {
    put(
        row,
        column,
        [
            time.into(),
            time.fixed_offset().into(),
            time.naive_utc().into(),
        ],
    );
}

fn put_text<A: ActiveModelTrait>(row: &mut A, column: Column<A>, actor: Option<&Actor>) {
    let text = actor.map(|it| it.id().to_owned());
    if text.is_some() || column.def().is_null() {
        put(row, column, [Value::from(text)]);
    }
}

fn put_first<A: ActiveModelTrait>(row: &mut A, column: Column<A>) {
    put(
        row,
        column,
        [
            1_i32.into(),
            1_i64.into(),
            1_i16.into(),
            1_u32.into(),
            1_u64.into(),
            1_u16.into(),
        ],
    );
}

/// Sets a field to the first of the values that is of its type.
fn put<A: ActiveModelTrait>(
    row: &mut A,
    column: Column<A>,
    values: impl IntoIterator<Item = Value>,
) {
    for value in values {
        if row.try_set(column, value).is_ok() {
            return;
        }
    }
}
