//! The access log: one line for each request, when it is over.

use super::metrics::{Failure, Sample};

/// What stands for the status of a request that got no answer because its client went away.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Writes the line. Identifiers and route come from the context it is written in.
///
/// The level follows the status: what the server did wrong is an error, what a client did wrong a warning, else it is
/// for information. Probes are not logged, and neither is the query of an address, which may hold what is nobody's
/// business.
pub(super) fn log(sample: &Sample, path: &str, client: &str, error: Option<&'static str>) {
    let status = match (sample.status, sample.failure) {
        (0, Some(Failure::Cancelled)) => 503,
        (0, _) => CLIENT_CLOSED_REQUEST,
        (status, _) => status,
    };
    let error = error.or(sample.failure.map(Failure::name));
    let milliseconds = sample.duration.as_micros() as f64 / 1000.0;
    macro_rules! line {
        ($level:ident) => {
            tracing::event!(
                target: "atlas::http::access",
                tracing::Level::$level,
                http.request.method = sample.verb.name(),
                url.path = path,
                http.response.status_code = status,
                duration_ms = milliseconds,
                http.request.body.size = sample.request_bytes,
                http.response.body.size = sample.response_bytes,
                client.address = client,
                error.code = error,
                "request"
            )
        };
    }
    match status {
        500.. => line!(ERROR),
        400.. => line!(WARN),
        _ => line!(INFO),
    }
}
