use atlas_core::{Component, Module};

#[derive(Clone)]
struct Db;
impl Component for Db {}

fn bad() -> Db {
    Db
}

fn main() {
    Module::new("m").invoke(bad);
}
