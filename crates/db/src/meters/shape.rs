//! What is known about a statement's text, worked out once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use sea_orm::DbBackend;

use super::text::{self, Summary};
use crate::histogram::Histogram;

/// How many texts are remembered. Those of an application are few; those with values written into them have no end.
const TEXTS: usize = 2048;
/// How many series there are at most; what comes later is counted without its table.
const SERIES: usize = 512;
/// How often one slow statement is written down.
const SLOW_EVERY: Duration = Duration::from_secs(1);

/// A statement's text, as telemetry knows it.
pub(super) struct Shape {
    /// What it does to which tables.
    pub(super) summary: Summary,
    /// How long it took.
    pub(super) done: Arc<Histogram>,
    /// Slow runs, and when one was last written down.
    slow: Mutex<(Option<Instant>, u64)>,
}

impl Shape {
    /// Says whether a slow run is to be written down, and how many were not since the last one that was.
    pub(super) fn is_due(&self) -> Option<u64> {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if slow
            .0
            .is_some_and(|last| now.duration_since(last) < SLOW_EVERY)
        {
            slow.1 += 1;
            return None;
        }
        slow.0 = Some(now);
        Some(std::mem::take(&mut slow.1))
    }
}

/// The labels of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Labels {
    /// `db.operation.name`.
    pub(crate) operation: Option<&'static str>,
    /// `db.collection.name`.
    pub(crate) collection: Option<String>,
    /// `db.response.status_code`.
    pub(crate) status: Option<String>,
    /// `error.type`.
    pub(crate) error: Option<String>,
}

/// All texts and series of one handle.
#[derive(Default)]
pub(super) struct Shapes {
    texts: RwLock<HashMap<Arc<String>, Arc<Shape>>>,
    series: Mutex<HashMap<Labels, Arc<Histogram>>>,
}

impl Shapes {
    /// What is known about a text that is sent more than once.
    pub(super) fn of(&self, sql: &Arc<String>, backend: DbBackend) -> Arc<Shape> {
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = texts.get(sql) {
            return Arc::clone(shape);
        }
        let full = texts.len() >= TEXTS;
        drop(texts);
        let shape = self.make(sql, backend);
        if !full {
            let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
            return Arc::clone(texts.entry(Arc::clone(sql)).or_insert(shape));
        }
        shape
    }

    /// What is known about a text that will not come again.
    pub(super) fn make(&self, sql: &str, backend: DbBackend) -> Arc<Shape> {
        let summary = text::summarize(sql, backend);
        let done = self.series(Labels {
            operation: summary.operation,
            collection: summary.collection.clone(),
            ..Labels::default()
        });
        Arc::new(Shape {
            summary,
            done,
            slow: Mutex::default(),
        })
    }

    /// The series of these labels.
    pub(super) fn series(&self, labels: Labels) -> Arc<Histogram> {
        let mut series = self.lock();
        let labels = if series.len() < SERIES || series.contains_key(&labels) {
            labels
        } else {
            Labels {
                operation: labels.operation,
                error: labels.error.map(|_| "_OTHER".to_owned()),
                ..Labels::default()
            }
        };
        Arc::clone(series.entry(labels).or_default())
    }

    /// Every series, in a stable order.
    pub(super) fn all(&self) -> Vec<(Labels, Arc<Histogram>)> {
        let mut all: Vec<_> = self
            .lock()
            .iter()
            .map(|(labels, histogram)| (labels.clone(), Arc::clone(histogram)))
            .collect();
        all.sort_by(|(one, _), (other, _)| key(one).cmp(&key(other)));
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Labels, Arc<Histogram>>> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(labels: &Labels) -> (Option<&str>, Option<&str>, Option<&str>, Option<&str>) {
    (
        labels.operation,
        labels.collection.as_deref(),
        labels.status.as_deref(),
        labels.error.as_deref(),
    )
}
