//! Products over HTTP.

use atlas::http::{Created, Json, NoContent, Path, Result, Routes, State, get};

use super::{
    ProductId, ProductService, create::CreateProduct, list::list, update::UpdateProduct,
    view::ProductView,
};

/// The routes of products.
pub(super) fn routes(products: ProductService) -> Routes {
    Routes::new("/products")
        .route("/", get(list).post(create))
        .route("/{id}", get(show).put(update).delete(delete))
        .tag("catalog")
        .with_state(products)
}

/// Shows a product.
async fn show(
    State(products): State<ProductService>,
    Path(id): Path<ProductId>,
) -> Result<Json<ProductView>> {
    Ok(Json(products.show(&id).await?.into()))
}

/// Adds a product.
async fn create(
    State(products): State<ProductService>,
    Json(new): Json<CreateProduct>,
) -> Result<Created<ProductView>> {
    let product = products.create(new.into()).await?;
    Ok(Created::at(
        format!("/products/{}", product.id),
        product.into(),
    ))
}

/// Replaces all that is known of a product.
async fn update(
    State(products): State<ProductService>,
    Path(id): Path<ProductId>,
    Json(new): Json<UpdateProduct>,
) -> Result<Json<ProductView>> {
    Ok(Json(products.update(id, new.into()).await?.into()))
}

/// Removes a product.
async fn delete(
    State(products): State<ProductService>,
    Path(id): Path<ProductId>,
) -> Result<NoContent> {
    products.delete(&id).await?;
    Ok(NoContent)
}
