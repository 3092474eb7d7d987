//! Spans around enqueueing and running, after the OpenTelemetry conventions for messaging. They are at `debug`, and nothing is
//! made while nobody listens.

use atlas_telemetry::context::Context;
use tracing::{
    Span,
    field::{Empty, display},
};

use crate::{
    Error, Failure, JobRecord,
    handler::split,
    metrics,
    store::{End, NewJob},
};

/// What the conventions call the system that carries messages.
const SYSTEM: &str = "atlas_jobs";

/// The span of whoever enqueues these jobs.
pub(crate) fn producer(jobs: &[NewJob]) -> Span {
    let span = tracing::debug_span!(
        target: "atlas::jobs",
        "job.enqueue",
        "otel.name" = Empty,
        "otel.kind" = "producer",
        "otel.status_code" = Empty,
        "messaging.system" = SYSTEM,
        "messaging.operation.name" = "enqueue",
        "messaging.operation.type" = "send",
        "messaging.destination.name" = Empty,
        "messaging.message.id" = Empty,
        "messaging.message.body.size" = Empty,
        "messaging.batch.message_count" = Empty,
        "job.kind" = Empty,
        trace_id = Empty,
        parent_span_id = Empty,
        "error.type" = Empty,
    );
    if let (false, Some(first)) = (span.is_disabled(), jobs.first()) {
        described(&span, jobs, first);
    }
    span
}

fn described(span: &Span, jobs: &[NewJob], first: &NewJob) {
    if jobs.iter().all(|job| job.queue == first.queue) {
        span.record("otel.name", display(format_args!("send {}", first.queue)));
        span.record("messaging.destination.name", first.queue.as_str());
    } else {
        span.record("otel.name", "send");
    }
    if jobs.iter().all(|job| job.kind == first.kind) {
        span.record("job.kind", split(&first.kind).0);
    }
    match jobs {
        [one] => {
            span.record("messaging.message.id", display(one.id));
            span.record("messaging.message.body.size", one.payload.len());
        }
        many => {
            span.record("messaging.batch.message_count", many.len());
        }
    }
    let current = atlas_telemetry::context::current(|it| (it.trace_id(), it.span_id()));
    if let Some((trace, parent)) = current {
        span.record("trace_id", display(trace));
        span.record("parent_span_id", display(parent));
    } else if let (1, Some(trace)) = (jobs.len(), first.id.trace()) {
        span.record("trace_id", display(trace));
    }
}

/// Notes why nothing was enqueued.
pub(crate) fn refused(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error.name());
}

/// The span of one run of a job, in the trace of what enqueued it.
pub(crate) fn consumer(record: &JobRecord, context: &Context) -> Span {
    tracing::debug_span!(
        target: "atlas::jobs",
        "job.run",
        "otel.name" = %format_args!("process {}", record.queue),
        "otel.kind" = "consumer",
        "otel.status_code" = Empty,
        "messaging.system" = SYSTEM,
        "messaging.operation.name" = "run",
        "messaging.operation.type" = "process",
        "messaging.destination.name" = record.queue.as_str(),
        "messaging.message.id" = %record.id,
        "messaging.message.body.size" = record.payload.len(),
        "job.kind" = split(&record.kind).0,
        "job.attempt" = record.attempt,
        trace_id = %context.trace_id(),
        span_id = %context.span_id(),
        parent_span_id = context.parent().map(display),
        "atlas.job.outcome" = Empty,
        "error.type" = Empty,
    )
}

/// Notes what came of a run.
pub(crate) fn ended(span: &Span, end: &End, failure: Option<&Failure>) {
    span.record("atlas.job.outcome", metrics::outcome_name(end));
    if let Some(failure) = failure {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", failure.kind.name());
    }
}
