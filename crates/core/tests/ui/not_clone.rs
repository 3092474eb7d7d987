use atlas_core::Component;

struct Service;
impl Component for Service {}

fn main() {}
