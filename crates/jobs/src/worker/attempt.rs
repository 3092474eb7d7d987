//! One run of one job.

use std::{
    future::pending,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
};

use atlas_core::{Actor, scope};
use atlas_telemetry::context::{self, RequestId, TraceParent};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    hold::{Hold, Why},
    panic::caught,
    setup::Setup,
    verdict::{Ended, Judge},
};
use crate::{JobRecord, Next, handler::Prepared, run::Context, store::Finish};

/// Runs a job that was claimed, and says what the store is to be told: nothing, if the handler has told it already, or the
/// job belongs to somebody else by now. When `abort` fires, the handler ends where it is.
pub(super) async fn attempt(
    setup: &Setup,
    record: &Arc<JobRecord>,
    hold: &Arc<Hold>,
    abort: &CancellationToken,
) -> Option<Finish> {
    let mut judge = Judge {
        setup,
        record,
        backoff: crate::Backoff::default(),
    };
    let handler = setup.handlers.get(&record.kind)?;
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
        tracing::warn!(target: "atlas::jobs", job = %record.id, "the lease was lost while the job ran: its result is dropped");
        return None;
    }
    if completed.load(Ordering::Acquire) {
        let series = setup.metrics.series(&record.queue, &record.kind);
        series.completed();
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
    let id = record.id.to_string();
    let request = RequestId::accept(id.as_bytes()).unwrap_or_else(RequestId::generate);
    let trace = record.trace.as_deref();
    let telemetry = match trace.and_then(|it| TraceParent::parse(it.as_bytes())) {
        Some(parent) => context::Context::continued(request, parent),
        None => context::Context::root(request),
    };
    let span = tracing::error_span!(
        target: "atlas::jobs",
        "job",
        job.id = %record.id,
        job.kind = %record.kind,
        job.attempt = record.attempt,
    );
    let work = async {
        if let Some(actor) = &record.actor {
            Actor::new(actor.as_str()).act();
        }
        let handler = Box::pin(async move { (prepared.run)(context).await });
        Next::new(&setup.middleware, record, handler).run().await
    };
    scope::enter(context::scope(telemetry, work.instrument(span))).await
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
