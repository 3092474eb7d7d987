//! Fields of log lines.

/// When the line was written: RFC 3339, UTC, microseconds.
pub const TIMESTAMP: &str = "timestamp";
/// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
pub const LEVEL: &str = "level";
/// The part of the program that speaks.
pub const TARGET: &str = "target";
/// What it says.
pub const MESSAGE: &str = "message";
/// The request's identifier, as the caller sees it in `X-Request-ID`.
pub const REQUEST_ID: &str = "request_id";
/// The trace, as 32 hex digits.
pub const TRACE_ID: &str = "trace_id";
/// The operation in the trace, as 16 hex digits.
pub const SPAN_ID: &str = "span_id";
/// The trace flags, as 2 hex digits.
pub const TRACE_FLAGS: &str = "trace_flags";
/// The matched route.
pub const ROUTE: &str = "http.route";

/// The background job, as its store knows it.
pub const JOB_ID: &str = "job.id";
/// The kind of the job.
pub const JOB_KIND: &str = "job.kind";
/// Which attempt it is, from 1.
pub const JOB_ATTEMPT: &str = "job.attempt";

/// The fields that every line has, in this order.
pub const ALWAYS: &[&str] = &[TIMESTAMP, LEVEL, TARGET, MESSAGE];
/// The fields that every line inside a request has; the route once it is known.
pub const REQUEST: &[&str] = &[REQUEST_ID, TRACE_ID, SPAN_ID, TRACE_FLAGS, ROUTE];
/// The fields that every line of a run of a background job has, beside those of a request.
pub const JOB: &[&str] = &[JOB_ID, JOB_KIND, JOB_ATTEMPT];
