//! The line that makes an entity a record.

/// Makes the entity of the surrounding module a [`Record`](crate::Record).
///
/// It stands below `Model`, `Entity` and `ActiveModel`. SeaORM's calls then do what a record needs: `Entity::find` does
/// not see deleted rows, `insert` and `update` set times, authors and version, `update` refuses what is based on an old
/// version, and `delete` keeps the row. Each of them takes precedence over the method of SeaORM's trait of the same name,
/// which is still there to be called as the trait's: `EntityTrait::find`.
///
/// In the parentheses stand the methods of [`Record`](crate::Record) that are not as by default.
///
/// ```
/// use atlas_db::{Db, DbConfig, sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel}};
///
/// mod tea {
///     use atlas_db::sea_orm::{self, entity::prelude::*};
///
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
///     #[sea_orm(table_name = "teas")]
///     pub struct Model {
///         #[sea_orm(primary_key, auto_increment = false)]
///         pub id: i64,
///         pub name: String,
///         pub version: i32,
///         pub deleted_at: Option<DateTimeUtc>,
///     }
///
///     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
///     pub enum Relation {}
///
///     impl ActiveModelBehavior for ActiveModel {}
///
///     atlas_db::record!();
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
/// # db.execute_unprepared("CREATE TABLE teas (id INTEGER PRIMARY KEY, name TEXT, version INTEGER, deleted_at TEXT)").await?;
/// let tea = tea::ActiveModel { id: Set(1), name: Set("sencha".into()), ..Default::default() };
/// let read = tea.insert(&db).await?;
/// assert_eq!(read.version, 1);
///
/// let mut mine = read.clone().into_active_model();
/// mine.name = Set("gyokuro".into());
/// assert_eq!(mine.update(&db).await?.version, 2);
///
/// let mut theirs = read.into_active_model();
/// theirs.name = Set("bancha".into());
/// assert!(theirs.update(&db).await.unwrap_err().is_stale());
///
/// tea::Entity::delete_by_id(1).exec(&db).await?;
/// assert!(tea::Entity::find_by_id(1).one(&db).await?.is_none());
/// tea::Entity::restore_by_id(1).exec(&db).await?;
/// assert!(tea::Entity::find_by_id(1).one(&db).await?.is_some());
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! record {
    ($($body:tt)*) => {
        impl $crate::Record for Entity {
            $($body)*
        }

        #[allow(dead_code, reason = "not every entity needs all of them")]
        impl Entity {
            /// Rows that are not deleted.
            pub fn find() -> $crate::sea_orm::Select<Self> {
                $crate::record::find()
            }

            /// The row of this primary key, unless it is deleted.
            pub fn find_by_id(
                id: impl Into<<PrimaryKey as $crate::sea_orm::PrimaryKeyTrait>::ValueType>,
            ) -> $crate::sea_orm::Select<Self> {
                $crate::record::find_by_id(id)
            }

            /// All rows, deleted or not.
            pub fn find_with_deleted() -> $crate::sea_orm::Select<Self> {
                <Self as $crate::sea_orm::EntityTrait>::find()
            }

            /// Rows that are deleted and not purged yet.
            pub fn find_deleted() -> $crate::sea_orm::Select<Self> {
                $crate::record::find_deleted()
            }

            /// The deletion of the row with this primary key.
            pub fn delete_by_id(
                id: impl Into<<PrimaryKey as $crate::sea_orm::PrimaryKeyTrait>::ValueType>,
            ) -> $crate::record::Deletion<Self> {
                $crate::record::Deletion::by_id(id)
            }

            /// The deletion of rows; narrow it down by `filter`.
            pub fn delete_many() -> $crate::record::Deletion<Self> {
                $crate::record::Deletion::many()
            }

            /// Brings the deleted row with this primary key back.
            pub fn restore_by_id(
                id: impl Into<<PrimaryKey as $crate::sea_orm::PrimaryKeyTrait>::ValueType>,
            ) -> $crate::sea_orm::UpdateMany<Self> {
                $crate::record::restore_by_id(id)
            }

            /// Removes the row with this primary key for good.
            pub fn purge_by_id(
                id: impl Into<<PrimaryKey as $crate::sea_orm::PrimaryKeyTrait>::ValueType>,
            ) -> $crate::sea_orm::ValidatedDeleteOne<Self> {
                <Self as $crate::sea_orm::EntityTrait>::delete_by_id(id)
            }

            /// Removes rows for good; narrow it down by `filter`.
            pub fn purge_many() -> $crate::sea_orm::DeleteMany<Self> {
                <Self as $crate::sea_orm::EntityTrait>::delete_many()
            }
        }

        #[allow(dead_code, reason = "not every entity needs all of them")]
        impl ActiveModel {
            /// Inserts the row with its times, authors and first version.
            pub async fn insert(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<Model> {
                $crate::record::insert(self, db).await
            }

            /// Changes the row if it still has this version, and gives it its time, author and next version.
            pub async fn update(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<Model> {
                $crate::record::update(self, db).await
            }

            /// Inserts the row when its primary key is not set, changes it otherwise.
            pub async fn save(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<Self> {
                $crate::record::save(self, db).await
            }

            /// Deletes the row if it still has this version.
            pub async fn delete(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<$crate::record::Deleted> {
                $crate::record::delete(self, db).await
            }
        }

        #[allow(dead_code, reason = "not every entity needs all of them")]
        impl Model {
            /// Deletes the row if it still has this version.
            pub async fn delete(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<$crate::record::Deleted> {
                let row = $crate::sea_orm::IntoActiveModel::<ActiveModel>::into_active_model(self);
                $crate::record::delete(row, db).await
            }

            /// Brings the deleted row back. Says whether there was one.
            pub async fn restore(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<bool> {
                let row = $crate::sea_orm::IntoActiveModel::<ActiveModel>::into_active_model(self);
                $crate::record::restore(&row, db).await
            }

            /// Removes the row for good. Says whether there was one.
            pub async fn purge(
                self,
                db: &impl $crate::sea_orm::ConnectionTrait,
            ) -> $crate::Result<bool> {
                let row = $crate::sea_orm::IntoActiveModel::<ActiveModel>::into_active_model(self);
                $crate::record::purge(&row, db).await
            }
        }
    };
}
