//! The context of a request and the task-local that holds it.

use std::cell::Cell;
use std::future::Future;

use tokio::task::futures::TaskLocalFuture;

use super::{JobRun, RequestId, Route, SpanId, TraceId, TraceParent};

tokio::task_local! {
    static CURRENT: Context;
}

/// A future that runs inside a [`Context`]; made by [`scope()`].
///
/// `take_value` gives the context back when the future is done, with what the handler wrote into it.
pub type Scope<F> = TaskLocalFuture<Context, F>;

/// What is known about the request that is being served, or the job that is being run.
///
/// The identifiers are fixed when the request arrives; the cells are filled on the way: the router knows the route, the
/// error that ends the request knows its code.
#[derive(Clone, Debug)]
pub struct Context {
    request_id: RequestId,
    trace_id: TraceId,
    span_id: SpanId,
    parent: Option<SpanId>,
    flags: u8,
    job: Option<JobRun>,
    route: Cell<Option<Route>>,
    error: Cell<Option<&'static str>>,
}

impl Context {
    /// The context of a request that begins a trace of its own.
    pub fn root(request_id: RequestId) -> Self {
        Self {
            request_id,
            trace_id: TraceId::random(),
            span_id: SpanId::random(),
            parent: None,
            flags: 0,
            job: None,
            route: Cell::new(None),
            error: Cell::new(None),
        }
    }

    /// The context of a request that continues its caller's trace. Only for callers that are trusted: the sampled flag
    /// of a stranger is a way to run up a bill.
    pub fn continued(request_id: RequestId, parent: TraceParent) -> Self {
        Self {
            trace_id: parent.trace_id,
            parent: Some(parent.span_id),
            flags: parent.flags,
            ..Self::root(request_id)
        }
    }

    /// The context of work that belongs to a trace without having a caller in it, as the runs of a job that nobody's
    /// request has enqueued belong together.
    pub fn in_trace(request_id: RequestId, trace_id: TraceId) -> Self {
        Self {
            trace_id,
            ..Self::root(request_id)
        }
    }

    /// The same context, of a run of this job.
    pub fn of_job(self, job: JobRun) -> Self {
        Self {
            job: Some(job),
            ..self
        }
    }

    /// The request's identifier, as the caller sees it in `X-Request-ID`.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The trace that the request belongs to.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The request's own operation in the trace.
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The caller's operation, when its trace is continued.
    pub fn parent(&self) -> Option<SpanId> {
        self.parent
    }

    /// The trace flags of W3C Trace Context; bit 0 means that the trace is recorded.
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// What to send in `traceparent` with a call made on behalf of this request.
    pub fn trace_parent(&self) -> TraceParent {
        TraceParent {
            trace_id: self.trace_id,
            span_id: self.span_id,
            flags: self.flags,
        }
    }

    /// The run of a job that the code belongs to, if it does.
    pub fn job(&self) -> Option<&JobRun> {
        self.job.as_ref()
    }

    /// The route that was matched, once the router knows it.
    pub fn route(&self) -> Option<Route> {
        self.route.get()
    }

    /// Notes the matched route; called by the router.
    pub fn set_route(&self, route: Route) {
        self.route.set(Some(route));
    }

    /// The code of the error that ends the request, if one does.
    pub fn error(&self) -> Option<&'static str> {
        self.error.get()
    }

    /// Notes the code of the error that ends the request, for the access log and the metrics.
    pub fn set_error(&self, code: &'static str) {
        self.error.set(Some(code));
    }
}

/// Runs `future` inside `context`.
pub fn scope<F: Future>(context: Context, future: F) -> Scope<F> {
    CURRENT.scope(context, future)
}

/// Reads the context of the request that is being served; `None` outside of one.
pub fn current<R>(read: impl FnOnce(&Context) -> R) -> Option<R> {
    CURRENT.try_with(read).ok()
}

/// Gives `future` the context of the request that is being served, for a task that is spawned on its behalf.
///
/// ```
/// # use atlas_telemetry::context;
/// # async fn send_the_receipt() {}
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// tokio::spawn(context::inherit(send_the_receipt()));
/// # });
/// ```
pub fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let context = current(Context::clone);
    async move {
        match context {
            Some(context) => scope(context, future).await,
            None => future.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_handler_notes_is_read_after_it() {
        let context = Context::root(RequestId::generate());
        let mut future = Box::pin(scope(context, async {
            tokio::task::yield_now().await;
            current(|context| {
                context.set_route(Route::intern("/products/{id}"));
                context.set_error("not_found");
            });
        }));
        future.as_mut().await;
        let context = future.as_mut().take_value().unwrap();
        assert_eq!(context.route(), Some(Route::intern("/products/{id}")));
        assert_eq!(context.error(), Some("not_found"));
    }

    #[test]
    fn work_without_a_caller_may_belong_to_a_trace() {
        let trace = TraceId::random();
        let context = Context::in_trace(RequestId::generate(), trace);
        assert_eq!((context.trace_id(), context.parent()), (trace, None));
    }

    #[tokio::test]
    async fn tasks_do_not_see_each_others_context() {
        let serve = |id: &'static str| {
            let context = Context::root(RequestId::accept(id.as_bytes()).unwrap());
            scope(context, async move {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                    assert_eq!(
                        current(|it| it.request_id().to_string()).as_deref(),
                        Some(id)
                    );
                }
            })
        };
        tokio::join!(serve("one"), serve("two"));
        assert!(current(|_| ()).is_none());
    }

    #[tokio::test]
    async fn a_spawned_task_inherits_only_when_asked_to() {
        let context = Context::root(RequestId::accept(b"parent").unwrap());
        scope(context, async {
            let seen = || current(|it| it.request_id().to_string());
            let plain = tokio::spawn(async move { seen() }).await.unwrap();
            let heir = tokio::spawn(inherit(async move { seen() })).await.unwrap();
            assert_eq!(plain, None);
            assert_eq!(heir.as_deref(), Some("parent"));
        })
        .await;
    }

    #[test]
    fn a_trace_is_continued_with_a_span_of_its_own() {
        let parent = TraceParent {
            trace_id: TraceId::random(),
            span_id: SpanId::random(),
            flags: 1,
        };
        let context = Context::continued(RequestId::generate(), parent);
        assert_eq!(context.trace_id(), parent.trace_id);
        assert_eq!(context.parent(), Some(parent.span_id));
        assert_ne!(context.span_id(), parent.span_id);
        assert!(context.trace_parent().sampled());
    }
}
