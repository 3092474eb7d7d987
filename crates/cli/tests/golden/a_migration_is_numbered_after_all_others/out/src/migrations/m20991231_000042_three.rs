//! Three.

use atlas::db::{Migration, Schema, file_name};

/// Three.
pub(super) struct Three;

impl Migration for Three {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, _schema: &mut Schema) {}

    fn down(&self, _schema: &mut Schema) {}
}
