//! Split names.

use atlas::db::{Migration, Schema, file_name};

/// Split names.
pub(super) struct SplitNames;

impl Migration for SplitNames {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, _schema: &mut Schema) {}

    fn down(&self, _schema: &mut Schema) {}
}
