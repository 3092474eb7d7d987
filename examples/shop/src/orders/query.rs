//! The list of orders as a query.

use atlas::db::{
    contains,
    sea_orm::{ColumnTrait, Condition},
};

use super::{OrderFilter, OrderSort, table::Column};

/// The column of a key of the order.
pub(super) fn column(key: OrderSort) -> Column {
    match key {
        OrderSort::Email => Column::Email,
        OrderSort::Id => Column::Id,
    }
}

/// The rows that a filter lets through.
pub(super) fn condition(filter: &OrderFilter) -> Condition {
    let text = filter.text.as_ref();
    let text = text.map(|it| {
        Condition::any()
            .add(contains(Column::Email, it))
            .add(contains(Column::Product, it))
    });
    Condition::all()
        .add_option(
            filter
                .email
                .as_ref()
                .map(|it| Column::Email.eq(it.as_str())),
        )
        .add_option(text)
}
