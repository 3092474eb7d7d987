//! One run of one job.

use std::{
    future::pending,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
};

use atlas_core::{Actor, scope};
use atlas_telemetry::context::{self, JobRun, RequestId, TraceParent};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::{
    hold::{Hold, Why},
    panic::caught,
    setup::Setup,
    verdict::{Ended, Judge},
};
use crate::{
    Handler, JobRecord, Next,
    handler::{Prepared, split},
    run::Context,
    span,
    store::{End, Finish},
};

/// Runs a job that was claimed, and says what the store is to be told: nothing, if the handler has told it already, or the
/// job belongs to somebody else by now. When `abort` fires, the handler ends where it is.
pub(super) async fn attempt(
    setup: &Setup,
    record: &Arc<JobRecord>,
    hold: &Arc<Hold>,
    abort: &CancellationToken,
) -> Option<Finish> {
    let handler = setup.handlers.get(&record.kind)?;
    let telemetry = telemetry(record);
    let span = span::consumer(record, &telemetry);
    let run = async {
        let finish = run(setup, record, handler, hold, abort).await;
        if let Some(finish) = &finish {
            tell(finish, &span);
        }
        finish
    };
    context::scope(telemetry, run.instrument(span.clone())).await
}

async fn run(
    setup: &Setup,
    record: &Arc<JobRecord>,
    handler: &Handler,
    hold: &Arc<Hold>,
    abort: &CancellationToken,
) -> Option<Finish> {
    let mut judge = Judge {
        setup,
        record,
        backoff: crate::Backoff::default(),
    };
    // a kind's own code reads its payload, and may panic over it
    let prepared = match caught(async { handler.prepare(record) }).await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(error)) => return Some(judge.undecodable(&error)),
        Err(panic) => {
            return Some(
                judge
                    .judge(Ended::Panicked(panic), None, Why::Nothing)
                    .await,
            );
        }
    };
    judge.backoff = prepared.options.backoff.unwrap_or_default();
    let limit = record.timeout.or(prepared.options.timeout);
    let limit = limit.or_else(|| setup.timeout());
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let completed = Arc::new(AtomicBool::new(false));
    let context = Context {
        record: Arc::clone(record),
        store: Arc::clone(&setup.store),
        token: hold.token.clone(),
        deadline,
        completed: Arc::clone(&completed),
    };
    let mut run = Box::pin(caught(inside(setup, record, prepared, context)));
    let mut late = None;
    let ended = tokio::select! {
        biased;
        ended = &mut run => Some(ended),
        () = until(deadline) => {
            late = limit;
            hold.token.cancel();
            None
        }
        () = hold.token.cancelled() => None,
    };
    let ended = match ended {
        Some(ended) => Some(ended),
        None => tokio::select! {
            biased;
            ended = timeout(*setup.config.cancel_grace, &mut run) => ended.ok(),
            () = abort.cancelled() => None,
        },
    };
    // the handler is gone before anybody may be told that the job is free
    drop(run);
    if hold.is_lost() {
        setup.metrics.stale(1);
        tracing::warn!(target: "atlas::jobs", "the lease was lost while the job ran: its result is dropped");
        return None;
    }
    if completed.load(Ordering::Acquire) {
        let series = setup.metrics.series(&record.queue, &record.kind);
        series.completed();
        span::ended(&Span::current(), &End::Done, None);
        return None;
    }
    let ended = match ended {
        Some(Ok(outcome)) => Ended::Returned(outcome),
        Some(Err(panic)) => Ended::Panicked(panic),
        None => Ended::Aborted,
    };
    Some(judge.judge(ended, late, hold.why()).await)
}

/// The handler within all that stands around it.
async fn inside(
    setup: &Setup,
    record: &Arc<JobRecord>,
    prepared: Prepared,
    context: Context,
) -> crate::Outcome {
    let work = async {
        if let Some(actor) = &record.actor {
            Actor::new(actor.as_str()).act();
        }
        let handler = Box::pin(async move { (prepared.run)(context).await });
        Next::new(&setup.middleware, record, handler).run().await
    };
    scope::enter(work).await
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// What every log line of the run carries: the job, and the trace of what enqueued it.
fn telemetry(record: &JobRecord) -> context::Context {
    let id = record.id.to_string();
    let request = RequestId::accept(id.as_bytes()).unwrap_or_else(RequestId::generate);
    let trace = record.trace.as_deref();
    let trace = match trace.and_then(|it| TraceParent::parse(it.as_bytes())) {
        Some(parent) => context::Context::continued(request, parent),
        None => match record.id.trace() {
            Some(own) => context::Context::in_trace(request, own),
            None => context::Context::root(request),
        },
    };
    trace.of_job(JobRun::new(id, split(&record.kind).0, record.attempt))
}

/// Says aloud that an attempt failed. That others end is seen in the metrics.
fn tell(finish: &Finish, span: &Span) {
    span::ended(span, &finish.end, finish.failure.as_ref());
    let Some(failure) = &finish.failure else {
        return;
    };
    let (kind, error) = (failure.kind.name(), failure.message.as_str());
    match &finish.end {
        End::Dead(reason) => {
            let reason = reason.name();
            tracing::error!(target: "atlas::jobs", reason, failure = kind, error, "an attempt failed, and the job is dead");
        }
        End::Retry(wait) => {
            let retry_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(target: "atlas::jobs", retry_ms, failure = kind, error, "an attempt failed: there is another one");
        }
        _ => tracing::warn!(target: "atlas::jobs", failure = kind, error, "an attempt failed"),
    }
}
