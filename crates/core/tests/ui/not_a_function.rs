use std::sync::Arc;

use atlas_core::Module;

fn main() {
    let value: Arc<str> = Arc::from("ready made");
    Module::new("m").provide(value);
}
