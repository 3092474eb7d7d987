//! Rows that are inserted, or updated when their key exists.

use sea_orm::{ActiveModelTrait, EntityTrait, Iterable, PrimaryKeyToColumn, sea_query::OnConflict};

use crate::{Db, Error};

/// Rows in one statement: engines bound the number of parameters, and 200 rows of 60 columns stay below all of them.
const CHUNK: usize = 200;

/// Inserts rows by their primary key, and updates those that exist, so that a second run changes nothing.
///
/// # Errors
///
/// When a statement fails; without a transaction around it, rows before it stay.
pub async fn upsert<A>(db: &Db, rows: impl IntoIterator<Item = A>) -> Result<usize, Error>
where
    A: ActiveModelTrait + Send,
{
    let key: Vec<_> = <A::Entity as EntityTrait>::PrimaryKey::iter()
        .map(PrimaryKeyToColumn::into_column)
        .collect();
    let is_key = |column: &<A::Entity as EntityTrait>::Column| {
        <A::Entity as EntityTrait>::PrimaryKey::from_column(*column).is_some()
    };
    let others: Vec<_> = <A::Entity as EntityTrait>::Column::iter()
        .filter(|column| !is_key(column))
        .collect();
    let mut conflict = OnConflict::columns(key);
    if others.is_empty() {
        conflict.do_nothing()
    } else {
        conflict.update_columns(others)
    };

    let mut rows = rows.into_iter();
    let mut written = 0;
    loop {
        let chunk: Vec<A> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(written);
        }
        written += chunk.len();
        A::Entity::insert_many(chunk)
            .on_conflict(conflict.clone())
            .exec_without_returning(db)
            .await?;
    }
}
