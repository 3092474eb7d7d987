use atlas_core::Module;

struct Mailer;

fn bad() -> Mailer {
    Mailer
}

fn main() {
    Module::new("m").provide(bad);
}
