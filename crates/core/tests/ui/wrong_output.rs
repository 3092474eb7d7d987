use atlas_core::Module;

fn bad() -> String {
    String::new()
}

fn main() {
    Module::new("m").provide(bad);
}
