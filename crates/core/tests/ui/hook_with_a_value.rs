use atlas_core::Lifecycle;

fn bad(lifecycle: Lifecycle) {
    lifecycle.on_stop(|| async { 42 });
}

fn main() {
    let _ = bad;
}
