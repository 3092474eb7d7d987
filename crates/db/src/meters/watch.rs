//! A statement being measured.

use std::{sync::Arc, time::Instant};

use sea_orm::{ConnectionTrait, DbErr};
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

use super::{
    failure, repeat,
    shape::{Labels, Shape},
    text,
};
use crate::{Db, statement::Prepared};

/// A statement being measured. One that is cancelled is not counted.
pub(crate) struct Watch<'a> {
    db: &'a Db,
    shape: Arc<Shape>,
    sql: Arc<String>,
    /// The text may be written down as it is: values are bound.
    bound: bool,
    span: Span,
    started: Instant,
}

impl Db {
    /// Starts to measure a statement.
    pub(crate) fn watch(&self, statement: &Prepared) -> Watch<'_> {
        let backend = self.get_database_backend();
        let shape = self.0.meters.shapes.of(&statement.sql, backend);
        let limit = self.0.meters.thresholds.repeats;
        if limit > 0 {
            repeat::note(self, &shape, &statement.sql, limit);
        }
        self.begin_watch(shape, &statement.sql, !statement.values.0.is_empty())
    }

    /// Starts to measure text that nothing is bound to.
    pub(crate) fn watch_text(&self, sql: &Arc<String>) -> Watch<'_> {
        let shape = self.0.meters.shapes.make(sql, self.get_database_backend());
        self.begin_watch(shape, sql, false)
    }

    fn begin_watch(&self, shape: Arc<Shape>, sql: &Arc<String>, bound: bool) -> Watch<'_> {
        self.0.meters.listeners.tell(sql);
        let summary = &shape.summary;
        let span = tracing::debug_span!(
            target: "atlas::db",
            "db.statement",
            "otel.name" = name(&summary.words, self),
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "db.system.name" = self.system(),
            "db.namespace" = self.0.meters.namespace(),
            "db.operation.name" = summary.operation,
            "db.collection.name" = summary.collection.as_deref(),
            "db.query.summary" = (!summary.words.is_empty()).then_some(summary.words.as_str()),
            "db.query.text" = written(sql, bound, self),
            "db.response.status_code" = Empty,
            "error.type" = Empty,
        );
        Watch {
            db: self,
            shape,
            sql: Arc::clone(sql),
            bound,
            span,
            started: Instant::now(),
        }
    }
}

impl Watch<'_> {
    /// The statement on its way, inside of its span.
    pub(crate) fn within<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.span.clone())
    }

    /// Counts the statement and passes its outcome on.
    pub(crate) fn end<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        let took = self.started.elapsed();
        match &outcome {
            Ok(_) => self.shape.done.observe(took),
            Err(error) => {
                let (status, kind) = failure::of(error);
                self.span.record("otel.status_code", "ERROR");
                self.span
                    .record("db.response.status_code", status.as_deref());
                self.span.record("error.type", kind.as_str());
                let labels = Labels {
                    operation: self.shape.summary.operation,
                    collection: self.shape.summary.collection.clone(),
                    status,
                    error: Some(kind),
                };
                self.db.0.meters.shapes.series(labels).observe(took);
            }
        }
        if took >= self.db.0.meters.thresholds.slow
            && let Some(omitted) = self.shape.is_due()
        {
            tracing::warn!(
                target: "atlas::db",
                {
                    "db.system.name" = self.db.system(),
                    "db.namespace" = self.db.0.meters.namespace(),
                    "db.operation.name" = self.shape.summary.operation,
                    "db.collection.name" = self.shape.summary.collection.as_deref(),
                    "db.query.text" = written(&self.sql, self.bound, self.db),
                    duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                    omitted = (omitted > 0).then_some(omitted),
                },
                "slow statement"
            );
        }
        outcome
    }
}

/// The name of a span: the summary of the statement, or the database.
fn name<'a>(words: &'a str, db: &'a Db) -> &'a str {
    match (words, db.0.meters.namespace()) {
        ("", Some(namespace)) => namespace,
        ("", None) => db.system(),
        _ => words,
    }
}

/// A statement's text as it may leave the process: never with what a person has typed.
pub(super) fn written(sql: &str, bound: bool, db: &Db) -> String {
    if bound {
        text::shortened(sql)
    } else {
        text::sanitized(sql, db.get_database_backend())
    }
}
