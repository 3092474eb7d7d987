//! The list of products as a query.

use atlas::db::{contains, sea_orm::Condition};

use super::{ProductFilter, ProductSort, table::Column};

/// The column of a key of the order.
pub(super) fn column(key: ProductSort) -> Column {
    match key {
        ProductSort::Name => Column::Name,
        ProductSort::Id => Column::Id,
    }
}

/// The rows that a filter lets through.
pub(super) fn condition(filter: &ProductFilter) -> Condition {
    let category = filter
        .category
        .as_ref()
        .map(|it| contains(Column::Categories, &format!(",{it},")));
    let text = filter.text.as_ref();
    let text = text.map(|it| {
        Condition::any()
            .add(contains(Column::Name, it))
            .add(contains(Column::Description, it))
    });
    Condition::all().add_option(category).add_option(text)
}
