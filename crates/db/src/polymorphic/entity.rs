//! What the two sides of a polymorphic relation say of themselves.

use sea_orm::{EntityTrait, Iterable, PrimaryKeyToColumn};

/// An entity whose rows belong to a row of one of several entities, such as comments on products and on orders.
///
/// An index of both columns, the kind first, is what [`LoadPolymorphic::load_polymorphic`] reads by.
///
/// ```
/// mod comment {
///     use atlas_db::sea_orm::{self, entity::prelude::*};
///
///     #[derive(Clone, Debug, DeriveEntityModel)]
///     #[sea_orm(table_name = "comments")]
///     pub struct Model {
///         #[sea_orm(primary_key, auto_increment = false)]
///         pub id: i64,
///         pub subject_kind: String,
///         pub subject_id: i64,
///     }
///
///     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
///     pub enum Relation {}
///
///     impl ActiveModelBehavior for ActiveModel {}
///
///     impl atlas_db::Polymorphic for Entity {
///         fn kind() -> Column {
///             Column::SubjectKind
///         }
///
///         fn key() -> Column {
///             Column::SubjectId
///         }
///     }
/// }
/// # fn main() {}
/// ```
///
/// [`LoadPolymorphic::load_polymorphic`]: crate::LoadPolymorphic::load_polymorphic
pub trait Polymorphic: EntityTrait {
    /// The column that names the kind: a text, or an enumeration of texts.
    fn kind() -> Self::Column;

    /// The column that has the [key](Subject::key) of the row of that kind. Where kinds have keys of several types, a text:
    /// numbers stand in it in decimal, UUIDs in lower case with hyphens. No subject: null, if it is nullable.
    fn key() -> Self::Column;
}

/// One of the kinds of rows that rows of `P` belong to.
///
/// ```
/// # mod comment {
/// #     use atlas_db::sea_orm::{self, entity::prelude::*};
/// #     #[derive(Clone, Debug, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "comments")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)] pub id: i64, pub subject_kind: String, pub subject_id: i64,
/// #     }
/// #     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// #     impl atlas_db::Polymorphic for Entity {
/// #         fn kind() -> Column { Column::SubjectKind }
/// #         fn key() -> Column { Column::SubjectId }
/// #     }
/// # }
/// mod product {
///     use atlas_db::sea_orm::{self, entity::prelude::*};
///
///     #[derive(Clone, Debug, DeriveEntityModel)]
///     #[sea_orm(table_name = "products")]
///     pub struct Model {
///         #[sea_orm(primary_key, auto_increment = false)]
///         pub id: i64,
///     }
///
///     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
///     pub enum Relation {}
///
///     impl ActiveModelBehavior for ActiveModel {}
///
///     impl atlas_db::Subject<super::comment::Entity> for Entity {
///         const KIND: &'static str = "product";
///     }
/// }
/// # fn main() {}
/// ```
pub trait Subject<P: Polymorphic>: EntityTrait {
    /// What the [column of the kind](Polymorphic::kind) says, in the same case, for rows that belong to this entity. It is
    /// data: renaming the entity leaves it as it is.
    const KIND: &'static str;

    /// The column that the other side's [key](Polymorphic::key) refers to: an integer, a text or a UUID, and unique. By
    /// default the primary key.
    ///
    /// # Panics
    ///
    /// By default, when the entity has no primary key; SeaORM's macro refuses such an entity.
    fn key() -> Self::Column {
        Self::PrimaryKey::iter()
            .next()
            .expect("an entity has a primary key")
            .into_column()
    }
}
