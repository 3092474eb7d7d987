//! Who is being served: the request, or the background job, behind the code that runs now.
//!
//! The server puts every request into a [`scope()`], and a worker every run of a job. Whatever the request's task runs can
//! then ask for the [`current`] context, and every log line it writes carries `request_id`, `trace_id`, `span_id` and
//! `http.route`; that of a job carries `job.id`, `job.kind` and `job.attempt`. There is no
//! tracing span per request and nothing on the heap: a [`Context`] is a small value that lives in a task-local.
//!
//! ```
//! use atlas_telemetry::context::{self, Context, RequestId};
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let context = Context::root(RequestId::accept(b"req-1").unwrap());
//! context::scope(context, async {
//!     let id = context::current(|context| context.request_id().to_string());
//!     assert_eq!(id.as_deref(), Some("req-1"));
//! })
//! .await;
//! assert!(context::current(|_| ()).is_none());
//! # });
//! ```
//!
//! A task that is spawned inside a request starts without one; wrap it in [`inherit`] when its log lines belong to the
//! request that started it.

mod id;
mod job;
mod random;
mod request_id;
mod route;
mod scope;
mod trace_parent;

pub use self::{
    id::{SpanId, TraceId},
    job::JobRun,
    request_id::RequestId,
    route::Route,
    scope::{Context, Scope, current, inherit, scope},
    trace_parent::TraceParent,
};
