//! The list of products over HTTP.

use atlas::http::{
    Page, Result, State,
    page::{List, SortKey},
};
use serde_json::Value;

use super::{
    Product, ProductFilter, ProductSearch, ProductService, ProductSort, view::ProductView,
};

/// Lists products, page by page.
pub(super) async fn list(
    State(products): State<ProductService>,
    list: List<ProductSort, ProductFilter>,
) -> Result<Page<ProductView>> {
    let search = ProductSearch {
        filter: list.filter.clone(),
        order: list
            .order()
            .iter()
            .map(|it| (it.key, it.descending))
            .collect(),
        after: list.after().map(<[Value]>::to_vec),
        limit: list.fetch(),
    };
    let found = products.list(&search).await?;
    Ok(list.page(found, position, ProductView::from))
}

impl SortKey for ProductSort {
    const UNIQUE: Self = Self::Id;
}

/// Where a product stands in an order.
fn position(product: &Product, key: ProductSort) -> Value {
    match key {
        ProductSort::Name => product.details.name.as_str().into(),
        ProductSort::Id => product.id.as_str().into(),
    }
}
