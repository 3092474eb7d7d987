//! One.

use atlas::db::{Migration, Schema, file_name};

/// One.
pub(super) struct One;

impl Migration for One {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, _schema: &mut Schema) {}

    fn down(&self, _schema: &mut Schema) {}
}
