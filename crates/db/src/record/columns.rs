//! Which columns of an entity are kept by themselves.

use sea_orm::{ColumnTrait, EntityTrait, sea_query::ColumnType};

/// An entity whose rows keep their own times, authors and version.
///
/// Each method names the column that is kept, by default the one of the method's own name when the entity has it in a
/// fitting type. [`record!`](crate::record!) implements it.
pub trait Record: EntityTrait {
    /// When the row was inserted: a date and time.
    fn created_at() -> Option<Self::Column> {
        named::<Self>("created_at", is_time)
    }

    /// When the row was changed last: a date and time.
    fn updated_at() -> Option<Self::Column> {
        named::<Self>("updated_at", is_time)
    }

    /// When the row was deleted: a nullable date and time. An entity that has it keeps deleted rows, out of sight.
    fn deleted_at() -> Option<Self::Column> {
        named::<Self>("deleted_at", is_time).filter(|column| column.def().is_null())
    }

    /// How often the row was written: an integer. An entity that has it refuses changes that are based on another version
    /// than the present one.
    fn version() -> Option<Self::Column> {
        named::<Self>("version", is_integer)
    }

    /// On whose behalf the row was inserted: a text.
    fn created_by() -> Option<Self::Column> {
        named::<Self>("created_by", is_text)
    }

    /// On whose behalf the row was changed last: a text.
    fn updated_by() -> Option<Self::Column> {
        named::<Self>("updated_by", is_text)
    }
}

fn named<E: EntityTrait>(name: &str, fits: fn(&ColumnType) -> bool) -> Option<E::Column> {
    let column: E::Column = name.parse().ok()?;
    fits(column.def().get_column_type()).then_some(column)
}

fn is_time(kind: &ColumnType) -> bool {
    matches!(
        kind,
        ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone
    )
}

fn is_integer(kind: &ColumnType) -> bool {
    matches!(
        kind,
        ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::SmallUnsigned
            | ColumnType::Unsigned
            | ColumnType::BigUnsigned
    )
}

fn is_text(kind: &ColumnType) -> bool {
    matches!(
        kind,
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text
    )
}
