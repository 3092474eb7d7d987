//! What a running seed has written so far.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

tokio::task_local! {
    static RUNNING: Arc<Tally>;
}

/// What became of rows that were to be in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// They were not there.
    pub inserted: u64,
    /// They were there and had other values.
    pub updated: u64,
    /// They were there just so.
    pub unchanged: u64,
}

impl Rows {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
    }
}

/// What a seed did to a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeededTable {
    /// The table's name.
    pub table: String,
    /// Its rows.
    #[serde(flatten)]
    pub rows: Rows,
}

/// How far a seed has come; told while it runs.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The seed.
    pub seed: &'a str,
    /// The table that is being written.
    pub table: &'a str,
    /// Its rows that are done.
    pub done: u64,
    /// All its rows, where they are known beforehand.
    pub total: Option<u64>,
}

/// Who wants to know how far a seed has come.
pub(super) type Watch = Arc<dyn Fn(Progress<'_>) + Send + Sync>;

/// The rows of one seed, counted wherever they are written.
pub(super) struct Tally {
    seed: &'static str,
    tables: Mutex<Vec<SeededTable>>,
    watch: Option<Watch>,
}

impl Tally {
    pub(super) fn new(seed: &'static str, watch: Option<Watch>) -> Arc<Self> {
        Arc::new(Self {
            seed,
            tables: Mutex::new(Vec::new()),
            watch,
        })
    }

    /// Runs a seed whose writes are counted here.
    pub(super) async fn count<F: Future>(self: &Arc<Self>, work: F) -> F::Output {
        RUNNING.scope(Arc::clone(self), work).await
    }

    /// The tables in the order in which they were first written.
    pub(super) fn tables(&self) -> Vec<SeededTable> {
        self.tables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Adds rows to the tally of the seed that the calling code runs in, if it does; `done` of `total` are written.
pub(super) fn written(table: &str, rows: Rows, done: u64, total: Option<u64>) {
    let _ = RUNNING.try_with(|tally| {
        {
            let mut tables = tally.tables.lock().unwrap_or_else(PoisonError::into_inner);
            match tables.iter_mut().find(|it| it.table == table) {
                Some(known) => known.rows.add(rows),
                None => tables.push(SeededTable {
                    table: table.to_owned(),
                    rows,
                }),
            }
        }
        if let Some(watch) = &tally.watch {
            watch(Progress {
                seed: tally.seed,
                table,
                done,
                total,
            });
        }
    });
}
