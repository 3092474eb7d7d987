//! Finding rows, those that are deleted left out.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PrimaryKeyTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait},
};

use super::Record;

/// Rows that are not deleted. A [`record!`](crate::record!) entity's own `find` is this one.
pub fn find<E: Record>() -> Select<E> {
    <E as EntityTrait>::find().live()
}

/// The row of this primary key, unless it is deleted.
pub fn find_by_id<E: Record>(
    id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
) -> Select<E> {
    <E as EntityTrait>::find_by_id(id).live()
}

/// Rows that are deleted and not purged yet; none when the entity does not keep them.
pub fn find_deleted<E: Record>() -> Select<E> {
    let select = <E as EntityTrait>::find();
    match E::deleted_at() {
        Some(column) => select.filter(column.is_not_null()),
        None => select.filter(Expr::val(1).eq(2)),
    }
}

/// Leaves deleted rows out of a query that was made elsewhere, such as `find_related`.
pub trait Live {
    /// The same query without deleted rows.
    #[must_use = "the query is not changed in place"]
    fn live(self) -> Self;
}

impl<E: Record> Live for Select<E> {
    fn live(self) -> Self {
        self.filter(is_live::<E>())
    }
}

/// The row is not deleted.
pub(super) fn is_live<E: Record>() -> Condition {
    Condition::all().add_option(E::deleted_at().map(|column| column.is_null()))
}
