//! A body whose type lacks a derive.

use atlas_http::{Json, NoContent, Routes, post};

#[derive(serde::Deserialize)]
struct NewProduct {
    name: String,
}

async fn create(Json(new): Json<NewProduct>) -> NoContent {
    drop(new.name);
    NoContent
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", post(create));
}
