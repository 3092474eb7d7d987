use std::sync::Arc;

use atlas_core::Module;

fn bad(_: &Arc<str>) {}

fn main() {
    Module::new("m").invoke(bad);
}
