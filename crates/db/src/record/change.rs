//! Inserting and changing records.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait,
    DbErr, EntityName, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn, QueryFilter,
    TryIntoModel,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Record,
    find::is_live,
    stamp::{next, stamp_insert, stamp_update},
};
use crate::{Error, Result};

/// The model of an active model.
type Model<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// Inserts a row with its times, authors and first version.
///
/// # Errors
///
/// When the statement fails.
pub async fn insert<A, C>(row: A, db: &C) -> Result<Model<A>>
where
    A: ActiveModelBehavior + Send,
    A::Entity: Record,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    Ok(ActiveModelTrait::insert(stamp_insert(row), db).await?)
}

/// Changes a row, and gives it its time, author and next version.
///
/// The version in `row`, whether it was read with the row or set by hand, is the one that the change is based on: the row
/// is changed only if it still has it. Without a version in `row` the change is not based on any, and the last one wins;
/// the version moves on all the same, for others to notice.
///
/// # Errors
///
/// [`is_stale`](Error::is_stale) when the row has another version by now, [`is_missing`](Error::is_missing) when there is
/// none (any more), or when the statement fails.
pub async fn update<A, C>(row: A, db: &C) -> Result<Model<A>>
where
    A: ActiveModelBehavior + TryIntoModel<Model<A>> + Send,
    A::Entity: Record,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let row = ActiveModelBehavior::before_save(row, db, false).await?;
    let key = key_of(&row)?;
    let mut condition = Condition::all()
        .add(key.clone())
        .add(is_live::<A::Entity>());
    let mut row = stamp_update(row);
    let mut update = <A::Entity as EntityTrait>::update_many();
    let mut based = false;
    if let Some(column) = A::Entity::version() {
        match row.get(column) {
            ActiveValue::Set(version) | ActiveValue::Unchanged(version) => {
                let after = next(&version).ok_or_else(|| {
                    DbErr::Type(format!("`{column:?}` is no version that can move on"))
                })?;
                condition = condition.add(column.eq(version));
                row.try_set(column, after)?;
                based = true;
            }
            ActiveValue::NotSet => {
                update = update.col_expr(column, Expr::col(column).add(1));
            }
        }
    }
    let changed = update.set(row.clone()).filter(condition).exec(db).await?;
    if changed.rows_affected == 0 {
        return Err(unchanged::<A, C>(key, based, db).await?);
    }
    // a row that is known in full needs not be read again
    let known = row.try_into_model();
    let model = match known {
        Ok(model) => model,
        Err(_) => find_one::<A, C>(key, db)
            .await?
            .ok_or(DbErr::RecordNotUpdated)?,
    };
    Ok(A::after_save(model, db, false).await?)
}

/// Inserts a row whose primary key is not set, and changes one whose key is.
///
/// # Errors
///
/// Those of [`insert`] and [`update`].
pub async fn save<A, C>(row: A, db: &C) -> Result<A>
where
    A: ActiveModelBehavior + TryIntoModel<Model<A>> + Send,
    A::Entity: Record,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let model = if row.is_update() {
        update(row, db).await?
    } else {
        insert(row, db).await?
    };
    Ok(model.into_active_model())
}

/// The condition that names a row by its primary key.
pub(super) fn key_of<A: ActiveModelTrait>(row: &A) -> Result<Condition> {
    let mut condition = Condition::all();
    for key in <A::Entity as EntityTrait>::PrimaryKey::iter() {
        let column = key.into_column();
        match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                condition = condition.add(column.eq(value));
            }
            ActiveValue::NotSet => return Err(DbErr::UpdateGetPrimaryKey.into()),
        }
    }
    Ok(condition)
}

/// Why no row was changed.
pub(super) async fn unchanged<A, C>(key: Condition, based: bool, db: &C) -> Result<Error>
where
    A: ActiveModelTrait,
    A::Entity: Record,
    C: ConnectionTrait,
{
    if based && find_one::<A, C>(key, db).await?.is_some() {
        return Ok(Error::stale(A::Entity::default().table_name()));
    }
    Ok(DbErr::RecordNotUpdated.into())
}

async fn find_one<A, C>(key: Condition, db: &C) -> Result<Option<Model<A>>>
where
    A: ActiveModelTrait,
    A::Entity: Record,
    C: ConnectionTrait,
{
    let select = super::find::<A::Entity>().filter(key);
    Ok(select.one(db).await?)
}
