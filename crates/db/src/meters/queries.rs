//! Lists of the statements that ran, for tests.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::Db;

/// The statements that one handle (and its clones) ran since [`Db::record_queries`], for tests of how many a use case
/// needs.
///
/// ```
/// # use atlas_db::{Db, DbConfig, sea_orm::ConnectionTrait};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
/// db.execute_unprepared("CREATE TABLE teas (name TEXT)").await?;
/// let queries = db.record_queries();
/// db.execute_unprepared("INSERT INTO teas VALUES ('sencha')").await?;
/// assert_eq!(queries.count(), 1, "{queries:?}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Queries(Arc<Log>);

/// A list that grows.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<Arc<String>>>);

impl Queries {
    /// How many statements ran; those that begin and end transactions do not count.
    pub fn count(&self) -> usize {
        self.0.lock().len()
    }

    /// Their texts in the order in which they began, with placeholders where values were bound.
    pub fn texts(&self) -> Vec<String> {
        self.0.lock().iter().map(|text| text.to_string()).collect()
    }

    /// Each text that ran more often than so many times, and how often: what a use case asks once a row.
    pub fn repeated(&self, more_than: usize) -> Vec<(String, usize)> {
        let mut counts = BTreeMap::new();
        for text in self.0.lock().iter() {
            *counts.entry(text.to_string()).or_insert(0) += 1;
        }
        counts.retain(|_, count| *count > more_than);
        counts.into_iter().collect()
    }

    /// Forgets what ran so far.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    /// Writes down the statements that this handle and its clones run from now on, until the list is dropped.
    pub fn record_queries(&self) -> Queries {
        Queries(self.0.meters.listen())
    }
}

/// Those who want to know what runs; usually nobody.
#[derive(Default)]
pub(super) struct Listeners {
    count: AtomicUsize,
    logs: Mutex<Vec<Weak<Log>>>,
}

impl Listeners {
    /// Adds a list.
    pub(super) fn add(&self) -> Arc<Log> {
        let log = Arc::new(Log::default());
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.push(Arc::downgrade(&log));
        self.count.store(logs.len(), Ordering::Release);
        log
    }

    /// Tells all of them what runs.
    pub(super) fn tell(&self, sql: &Arc<String>) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.retain(|log| match log.upgrade() {
            Some(log) => {
                log.lock().push(Arc::clone(sql));
                true
            }
            None => false,
        });
        self.count.store(logs.len(), Ordering::Release);
    }
}
