//! Records: rows that keep their own times, authors and version, and that outlive their removal.
//!
//! An entity becomes a record by one line below it, `record!();`. Which of the columns it has decides what is kept:
//!
//! | column | type | what happens |
//! | --- | --- | --- |
//! | `created_at` | date and time | set when the row is inserted |
//! | `updated_at` | date and time | set whenever the row changes |
//! | `version` | integer | 1 when inserted, one more whenever the row changes; a change based on another version is refused ([`Error::is_stale`]) |
//! | `deleted_at` | date and time, nullable | set when the row is deleted; `find` does not see it then |
//! | `created_by`, `updated_by` | text | the [`Actor`](atlas_core::Actor) of the unit of work |
//!
//! A column of another name is named in the braces of the macro: `record!(fn version() -> Option<Column> {
//! Some(Column::Revision) });`.
//!
//! [`Error::is_stale`]: crate::Error::is_stale

mod change;
mod columns;
mod delete;
mod find;
mod macros;
mod related;
mod stamp;

pub use self::{
    change::{insert, save, update},
    columns::Record,
    delete::{Deleted, Deletion, delete, purge, restore, restore_by_id},
    find::{Live, find, find_by_id, find_deleted},
    related::related,
    stamp::{stamp_insert, stamp_update},
};
