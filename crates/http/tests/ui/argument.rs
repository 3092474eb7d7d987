//! A plain type as an argument.

use atlas_http::{NoContent, Routes, get};

async fn show(_: u64) -> NoContent {
    NoContent
}

fn main() {
    let _: Routes = Routes::new("/products").route("/{id}", get(show));
}
