//! An answer whose type lacks a derive.

use atlas_http::{Json, Routes, get};

struct ProductView;

async fn show() -> Json<ProductView> {
    Json(ProductView)
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", get(show));
}
