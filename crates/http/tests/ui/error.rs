//! An error that says nothing about its kind.

use atlas_http::{Json, Routes, get};

async fn show() -> Result<Json<u64>, String> {
    Err("gone".to_owned())
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", get(show));
}
