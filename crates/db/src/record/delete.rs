//! Deleting records: out of sight first, for good later.

use std::marker::PhantomData;

use atlas_core::Actor;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait,
    EntityTrait, Iterable, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, UpdateMany, Value,
    sea_query::{Expr, ExprTrait, IntoCondition, IntoValueTuple},
};

use super::{
    Record,
    change::{key_of, unchanged},
    find::is_live,
    stamp::{now, time_for},
};
use crate::Result;

/// A deletion that waits to be run: of one row, or of all that its filters let through.
///
/// Rows of an entity with `deleted_at` go out of sight and can be [restored](restore_by_id); those of another entity are
/// gone.
#[derive(Clone, Debug)]
#[must_use = "a deletion does nothing until `exec`"]
pub struct Deletion<E> {
    condition: Condition,
    entity: PhantomData<fn() -> E>,
}

/// What a deletion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// How many rows it hit.
    pub rows_affected: u64,
}

impl<E: Record> Deletion<E> {
    /// The deletion of every row.
    pub fn many() -> Self {
        Self {
            condition: Condition::all(),
            entity: PhantomData,
        }
    }

    /// The deletion of the row with this primary key.
    pub fn by_id(id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>) -> Self {
        Self::many().filter(by_id::<E>(id))
    }

    /// Narrows it down to rows for which this holds too.
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.condition = self.condition.add(condition.into_condition());
        self
    }

    /// Deletes the rows.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn exec(self, db: &impl ConnectionTrait) -> Result<Deleted> {
        let rows_affected = match E::deleted_at() {
            Some(column) => {
                let update = mark::<E>(column, Some(time_for(&column, now())));
                let update = update.filter(is_live::<E>()).filter(self.condition);
                update.exec(db).await?.rows_affected
            }
            None => {
                let delete = <E as EntityTrait>::delete_many().filter(self.condition);
                delete.exec(db).await?.rows_affected
            }
        };
        Ok(Deleted { rows_affected })
    }
}

/// Deletes a row if it still has the version that it was read with.
///
/// # Errors
///
/// [`is_stale`](crate::Error::is_stale) when the row has another version by now,
/// [`is_missing`](crate::Error::is_missing) when there is none (any more), or when the statement fails.
pub async fn delete<A, C>(row: A, db: &C) -> Result<Deleted>
where
    A: ActiveModelBehavior + Send,
    A::Entity: Record,
    C: ConnectionTrait,
{
    let row = ActiveModelBehavior::before_delete(row, db).await?;
    let key = key_of(&row)?;
    let mut deletion = Deletion::<A::Entity>::many().filter(key.clone());
    let version = A::Entity::version().map(|column| (column, row.get(column)));
    let mut based = false;
    if let Some((column, ActiveValue::Set(it) | ActiveValue::Unchanged(it))) = version {
        deletion = deletion.filter(column.eq(it));
        based = true;
    }
    let deleted = deletion.exec(db).await?;
    if deleted.rows_affected == 0 {
        return Err(unchanged::<A, C>(key, based, db).await?);
    }
    ActiveModelBehavior::after_delete(row, db).await?;
    Ok(deleted)
}

/// Brings a deleted row back, once it is run.
///
/// Nothing happens for an entity that does not keep its deleted rows.
pub fn restore_by_id<E: Record>(
    id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
) -> UpdateMany<E> {
    restoring::<E>(by_id::<E>(id))
}

/// Brings a deleted row back. Says whether there was one.
///
/// # Errors
///
/// When the statement fails.
pub async fn restore<A, C>(row: &A, db: &C) -> Result<bool>
where
    A: ActiveModelTrait,
    A::Entity: Record,
    C: ConnectionTrait,
{
    let update = restoring::<A::Entity>(key_of(row)?);
    Ok(update.exec(db).await?.rows_affected > 0)
}

/// Removes a row for good, deleted before or not. Says whether there was one.
///
/// # Errors
///
/// When the statement fails, such as when other rows refer to this one.
pub async fn purge<A, C>(row: &A, db: &C) -> Result<bool>
where
    A: ActiveModelTrait,
    A::Entity: Record,
    C: ConnectionTrait,
{
    let delete = <A::Entity as EntityTrait>::delete_many().filter(key_of(row)?);
    Ok(delete.exec(db).await?.rows_affected > 0)
}

fn restoring<E: Record>(condition: Condition) -> UpdateMany<E> {
    match E::deleted_at() {
        Some(column) => {
            let update = mark::<E>(column, None);
            update.filter(column.is_not_null()).filter(condition)
        }
        None => <E as EntityTrait>::update_many(),
    }
}

/// Sets or removes the mark of deletion; that is a change like any other.
fn mark<E: Record>(deleted_at: E::Column, time: Option<Value>) -> UpdateMany<E> {
    let time = time.map_or_else(|| Expr::cust("NULL"), Expr::val);
    let mut update = <E as EntityTrait>::update_many().col_expr(deleted_at, time);
    if let Some(column) = E::version() {
        update = update.col_expr(column, Expr::col(column).add(1));
    }
    if let Some(column) = E::updated_at() {
        update = update.col_expr(column, Expr::val(time_for(&column, now())));
    }
    let actor = Actor::current().map(|it| it.id().to_owned());
    if let Some(column) = E::updated_by().filter(|it| actor.is_some() || it.def().is_null()) {
        update = update.col_expr(column, Expr::val(actor));
    }
    update
}

fn by_id<E: Record>(id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>) -> Condition {
    let columns = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let values = id.into().into_value_tuple();
    columns
        .zip(values)
        .fold(Condition::all(), |condition, (column, value)| {
            condition.add(column.eq(value))
        })
}
