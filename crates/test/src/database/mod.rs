//! A database for each test: a copy of one that was migrated and seeded once for all of them.

mod app;
mod choice;
mod fresh;
mod hold;
mod mysql;
mod notes;
mod place;
mod postgres;
mod recipe;
mod template;
mod test_database;

pub use self::test_database::TestDatabase;
pub(crate) use self::{
    app::{Slot, Wish, with_database},
    hold::Hold,
};
