//! Rows that others refer to by a value.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, Value, sea_query::ValueType,
};

use crate::Result;

/// The rows whose column has one of these values, by that value, in one query; none when there are no values.
///
/// For what neither SeaORM's relations nor [`LoadPolymorphic`](crate::LoadPolymorphic) can say, such as a second reference of
/// an entity whose kind stands in a column beside it. Take the references of one kind, load what they refer to, and go on
/// with the next kind.
///
/// ```
/// # use atlas_db::{Db, DbConfig, related, sea_orm::{self, ConnectionTrait, entity::prelude::*}};
/// # mod tea {
/// #     use atlas_db::sea_orm::{self, entity::prelude::*};
/// #     #[derive(Clone, Debug, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "teas")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub name: String }
/// #     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # struct Note { kind: &'static str, subject: i64 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
/// # db.execute_unprepared("CREATE TABLE teas (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
/// # db.execute_unprepared("INSERT INTO teas (name) VALUES ('sencha'), ('oolong')").await?;
/// let notes = [Note { kind: "tea", subject: 2 }, Note { kind: "garden", subject: 2 }];
/// let subjects = notes.iter().filter(|it| it.kind == "tea").map(|it| it.subject);
/// let teas = related::<tea::Entity, _>(&db, tea::Column::Id, subjects).await?;
/// assert_eq!(teas[&2].name, "oolong");
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// When the statement fails.
pub async fn related<E, K>(
    db: &impl ConnectionTrait,
    column: E::Column,
    keys: impl IntoIterator<Item = K>,
) -> Result<HashMap<K, E::Model>>
where
    E: EntityTrait,
    K: Into<Value> + ValueType + Eq + Hash,
{
    let keys: HashSet<K> = keys.into_iter().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = E::find().filter(column.is_in(keys)).all(db).await?;
    let by_key = rows.into_iter().filter_map(|row| {
        let key = <K as ValueType>::try_from(row.get(column)).ok()?;
        Some((key, row))
    });
    Ok(by_key.collect())
}
