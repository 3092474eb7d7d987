//! A plain type as an answer.

use atlas_http::{Routes, get};

struct Product;

async fn show() -> Product {
    Product
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", get(show));
}
