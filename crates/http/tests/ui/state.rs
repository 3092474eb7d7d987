//! A state that nobody gives.

use atlas_http::{NoContent, Routes, State, get};

#[derive(Clone)]
struct Products;

async fn show(_: State<Products>) -> NoContent {
    NoContent
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", get(show));
}
