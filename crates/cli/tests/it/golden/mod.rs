//! Golden folders: `in/`, a command, `out/` and the words, as in cargo's own test suite.
//!
//! `tests/golden/CASE/command` holds lines for a shell; `in` is the folder they start in, `out` the one they must
//! leave behind (absent: `in` again), `words` all they say and how they end. `UPDATE_GOLDEN=1` rewrites the
//! expectations.

mod case;

use self::case::Case;

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                Case::new(stringify!($name)).run();
            }
        )*

        #[test]
        fn every_golden_folder_is_run() {
            assert_eq!(case::all(), [$(stringify!($name)),*]);
        }
    };
}

cases! {
    a_conflict_needs_an_answer
    a_dry_run_shows_and_changes_nothing
    a_migration_adds_columns
    a_migration_is_numbered_after_all_others
    a_migration_makes_a_table
    a_migration_may_be_two_files_of_sql
    a_migration_of_sql_takes_no_fields
    a_migration_without_a_value_for_old_rows_is_refused
    an_edited_migration_does_not_go_unasked
    an_empty_migration_is_left_to_write
    an_unknown_shape_is_left_to_its_owner
    destroy_restores_every_byte
    destroy_takes_a_migration_of_sql_back
    json_says_what_was_done
    twice_is_identical
}
