//! The migrations of the code beside those of the database.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use atlas_core::Diagnostic;
use sea_orm::ConnectionTrait;

use super::{
    Direction, Goal, Migration, MigrationState, MigrationStatus, RunOptions, Schema, checksum,
    record::{Model, Records},
};
use crate::{Db, diagnostics};

/// What the code and the database know at one moment.
pub(super) struct History<'a> {
    db: &'a Db,
    known: &'a [Arc<dyn Migration>],
    records: &'a [Model],
}

/// One step of a run.
pub(super) struct Move<'a> {
    pub(super) migration: &'a dyn Migration,
    pub(super) direction: Direction,
}

impl Move<'_> {
    /// What tells it from other steps.
    pub(super) fn key(&self) -> (&'static str, Direction) {
        (self.migration.name(), self.direction)
    }
}

impl<'a> History<'a> {
    pub(super) fn new(db: &'a Db, known: &'a [Arc<dyn Migration>], records: &'a Records) -> Self {
        Self {
            db,
            known,
            records: &records.rows,
        }
    }

    /// Says whether nothing was applied yet.
    pub(super) fn is_new(&self) -> bool {
        self.records.is_empty()
    }

    /// Says whether a migration was begun without a transaction and is not done.
    pub(super) fn is_dirty(&self) -> bool {
        self.records.iter().any(Model::is_dirty)
    }

    /// The number of the next run.
    pub(super) fn next_group(&self) -> i32 {
        let last = self.records.iter().map(|record| record.batch).max();
        last.unwrap_or(0).saturating_add(1)
    }

    pub(super) fn record(&self, name: &str) -> Option<&'a Model> {
        self.records.iter().find(|record| record.name == name)
    }

    /// Every migration that the code or the database knows, by name.
    pub(super) fn status(&self) -> Result<Vec<MigrationStatus>, Diagnostic> {
        let mut all = BTreeMap::new();
        let last = self.last();
        for migration in self.known {
            let name = migration.name();
            let record = self.record(name);
            let state = match record {
                None => MigrationState::Pending,
                Some(record) if record.is_dirty() => MigrationState::Dirty,
                Some(record) if self.differs(&**migration, record)? => MigrationState::Changed,
                Some(_) => MigrationState::Applied,
            };
            let out_of_order =
                record.is_none() && !migration.standalone() && last.is_some_and(|last| name < last);
            all.insert(name, status(name, state, record, out_of_order));
        }
        for record in self.records {
            let state = if record.is_dirty() {
                MigrationState::Dirty
            } else {
                MigrationState::Unknown
            };
            all.entry(&record.name)
                .or_insert_with(|| status(&record.name, state, Some(record), false));
        }
        Ok(all.into_values().collect())
    }

    fn differs(&self, migration: &dyn Migration, record: &Model) -> Result<bool, Diagnostic> {
        // an earlier version has recorded no sum, so there is nothing to compare
        let Some(recorded) = record.checksum.as_deref() else {
            return Ok(false);
        };
        let code = describe(self.db, migration, Direction::Up)?.checksum();
        Ok(checksum::differs(Some(recorded), &code))
    }

    /// Refuses when the database is not one that this code may change.
    pub(super) fn refuse(&self, goes_up: bool, options: RunOptions) -> Result<(), Diagnostic> {
        let status = self.status()?;
        let of = |state| names(&status, |it| it.state == state);
        let dirty = of(MigrationState::Dirty);
        if !dirty.is_empty() {
            return Err(diagnostics::dirty(self.db, &dirty));
        }
        let unknown = of(MigrationState::Unknown);
        if !unknown.is_empty() {
            return Err(diagnostics::unknown(self.db, &unknown));
        }
        if !goes_up {
            return Ok(());
        }
        let changed = of(MigrationState::Changed);
        if !changed.is_empty() {
            return Err(diagnostics::changed(self.db, &changed));
        }
        let late = names(&status, |it| it.out_of_order);
        if !late.is_empty() && !options.out_of_order {
            let last = self.last().unwrap_or_default();
            return Err(diagnostics::out_of_order(self.db, &late, last));
        }
        Ok(())
    }

    /// The name of the last migration that was applied, those aside that stand alone.
    fn last(&self) -> Option<&'a str> {
        let mut names = self.records.iter().map(|record| record.name.as_str());
        names.rfind(|name| !self.stands_alone(name))
    }

    /// Says whether the code knows a migration of this name that stands alone.
    fn stands_alone(&self, name: &str) -> bool {
        let mut known = self.known.iter();
        known.any(|migration| migration.name() == name && migration.standalone())
    }

    /// What leads to the goal, in order.
    pub(super) fn moves(&self, goal: &Goal) -> Result<Vec<Move<'a>>, Diagnostic> {
        Ok(match goal {
            Goal::Latest => self.pending(|_| true),
            Goal::UpTo(name) => {
                let last = self.find(name)?.name();
                self.pending(|name| name <= last)
            }
            Goal::At(name) => {
                let last = self.find(name)?.name();
                let mut moves = self.applied_after(last);
                moves.extend(self.pending(|name| name <= last));
                moves
            }
            Goal::Back(steps) => {
                let mut moves = self.applied(|_| true);
                moves.truncate(*steps);
                moves
            }
            Goal::BackTo(name) => {
                let last = self.find(name)?.name();
                self.applied_after(last)
            }
            Goal::Rollback => {
                let group = |alone| {
                    let records = self.records.iter();
                    let of = records.filter(|record| self.stands_alone(&record.name) == alone);
                    let last = of.map(|record| record.batch).max();
                    last.map(|last| (alone, last))
                };
                let last = group(false).or_else(|| group(true));
                self.applied(|record| Some((self.stands_alone(&record.name), record.batch)) == last)
            }
            Goal::Redo(steps) => {
                let mut moves = self.applied(|_| true);
                moves.truncate(*steps);
                let mut again: Vec<_> = moves
                    .iter()
                    .map(|back| Move {
                        migration: back.migration,
                        direction: Direction::Up,
                    })
                    .collect();
                again.sort_by_key(|again| again.migration.name());
                moves.extend(again);
                moves
            }
        })
    }

    fn pending(&self, wanted: impl Fn(&str) -> bool) -> Vec<Move<'a>> {
        let pending = self.known.iter().filter(|migration| {
            let wanted = migration.standalone() || wanted(migration.name());
            wanted && self.record(migration.name()).is_none()
        });
        pending
            .map(|migration| Move {
                migration: &**migration,
                direction: Direction::Up,
            })
            .collect()
    }

    /// What was applied and comes after a migration.
    fn applied_after(&self, last: &str) -> Vec<Move<'a>> {
        self.applied(|record| record.name.as_str() > last && !self.stands_alone(&record.name))
    }

    /// What was applied, the latest first: by the run that applied it, then by name; what stands alone comes after all
    /// others.
    fn applied(&self, wanted: impl Fn(&Model) -> bool) -> Vec<Move<'a>> {
        let mut records: Vec<_> = self
            .records
            .iter()
            .filter(|record| wanted(record))
            .collect();
        records.sort_by_cached_key(|record| {
            let alone = self.stands_alone(&record.name);
            (alone, Reverse((record.batch, &record.name)))
        });
        let known = records.into_iter().filter_map(|record| {
            let known = self.known.iter().find(|it| it.name() == record.name)?;
            Some(Move {
                migration: &**known,
                direction: Direction::Down,
            })
        });
        known.collect()
    }

    /// The migration of this name, or whose name ends so.
    pub(super) fn find(&self, name: &str) -> Result<&'a dyn Migration, Diagnostic> {
        find(self.db, self.known, name)
    }
}

/// The migration of this name, or whose name ends so.
pub(super) fn find<'a>(
    db: &Db,
    known: &'a [Arc<dyn Migration>],
    name: &str,
) -> Result<&'a dyn Migration, Diagnostic> {
    if let Some(exact) = known.iter().find(|it| it.name() == name) {
        return Ok(&**exact);
    }
    let mut ending = known.iter().filter(|it| {
        let rest = it.name().strip_suffix(name);
        !name.is_empty() && rest.is_some_and(|rest| rest.ends_with('_'))
    });
    match (ending.next(), ending.next()) {
        (Some(one), None) => Ok(&**one),
        (Some(_), Some(_)) => Err(diagnostics::no_migration(
            db,
            name,
            "is the end of several names",
        )),
        _ => Err(diagnostics::no_migration(
            db,
            name,
            "is none that this build knows",
        )),
    }
}

/// Collects the steps. The builders panic on what the engine cannot do, which is an error of the migration.
pub(super) fn describe(
    db: &Db,
    migration: &dyn Migration,
    direction: Direction,
) -> Result<Schema, Diagnostic> {
    let mut schema = Schema::new(db.get_database_backend());
    let described = catch_unwind(AssertUnwindSafe(|| match direction {
        Direction::Up => migration.up(&mut schema),
        Direction::Down => migration.down(&mut schema),
    }));
    let words = match described {
        Ok(()) => schema.impossible.take(),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
            Some(words.unwrap_or_else(|| "it panicked".into()))
        }
    };
    let Some(words) = words else {
        return Ok(schema);
    };
    let problem = format!("cannot be written for {}: {words}", db.system());
    let help = "split it into steps that the engine has, or write them as SQL with `Schema::sql`";
    Err(diagnostics::migration_failed(
        db,
        migration.name(),
        &problem,
        help,
    ))
}

fn status(
    name: &str,
    state: MigrationState,
    record: Option<&Model>,
    out_of_order: bool,
) -> MigrationStatus {
    MigrationStatus {
        name: name.to_owned(),
        state,
        applied_at: record.map(|record| record.applied_at),
        group: record.map(|record| record.batch),
        out_of_order,
    }
}

pub(super) fn names(
    status: &[MigrationStatus],
    wanted: impl Fn(&MigrationStatus) -> bool,
) -> Vec<&str> {
    status
        .iter()
        .filter(|migration| wanted(migration))
        .map(|migration| migration.name.as_str())
        .collect()
}
