//! A function that is not async.

use atlas_http::{Json, Routes, get};

fn show() -> Json<u64> {
    Json(1)
}

fn main() {
    let _: Routes = Routes::new("/products").route("/", get(show));
}
