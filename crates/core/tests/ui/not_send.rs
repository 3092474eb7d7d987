use std::rc::Rc;

use atlas_core::{Component, Module};

#[derive(Clone)]
struct Db;
impl Component for Db {}

async fn bad() -> Db {
    let rc = Rc::new(1);
    std::future::ready(()).await;
    drop(rc);
    Db
}

fn main() {
    Module::new("m").provide(bad);
}
