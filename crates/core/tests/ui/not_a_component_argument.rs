use atlas_core::Module;

struct Mailer;

fn bad(_: Mailer) {}

fn main() {
    Module::new("m").invoke(bad);
}
