//! The problems that the framework itself answers with.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};

use super::{Fault, Problem, ProblemKind};

impl Problem {
    /// A problem of a known kind, under the kind's own code.
    fn of(kind: &'static str) -> Self {
        Self::of_kind(kind, kind)
    }

    /// A problem of a known kind under a code of its own.
    pub(super) fn of_kind(kind: &str, code: &'static str) -> Self {
        match ProblemKind::of_code(kind) {
            Some(kind) => {
                let status = StatusCode::from_u16(kind.status);
                Self::new(
                    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                    code,
                    kind.title,
                )
            }
            None => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                code,
                "Internal server error",
            ),
        }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::of("malformed").detail(detail.into())
    }

    /// 404: what the client named does not exist; `code` says what kind of thing, as in `product_not_found`.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::of_kind("not_found", code).detail(detail.into())
    }

    /// 404: no route has this path.
    pub fn route_not_found() -> Self {
        Self::of_kind("not_found", "route_not_found").detail("no resource has this address")
    }

    /// 405: the path exists, the method does not; `allow` lists the methods that do.
    pub fn method_not_allowed(allow: HeaderValue) -> Self {
        let detail = match allow.to_str() {
            Ok(list) if !list.is_empty() => format!("this address knows {list}"),
            _ => "this address does not know the method".to_owned(),
        };
        Self::of("method_not_allowed")
            .detail(detail)
            .header(header::ALLOW, allow)
    }

    /// 406: the answer has no form that the client accepts; `offered` is the form it has.
    pub fn not_acceptable(offered: &str) -> Self {
        Self::of("not_acceptable").detail(format!(
            "the answer is `{offered}`, which `Accept` excludes"
        ))
    }

    /// 408: the request did not arrive in time.
    pub fn request_timeout() -> Self {
        Self::of("request_timeout").detail("the request did not arrive in time")
    }

    /// 412: what the client has seen is not what there is.
    pub fn precondition_failed() -> Self {
        Self::of("precondition_failed").detail("it has another version than the one in `If-Match`")
    }

    /// 428: the client has to say which version it has seen.
    pub fn precondition_required() -> Self {
        Self::of("precondition_required")
            .detail("say in `If-Match` which version you have seen; it is the `ETag` of the answer")
    }

    /// 413: the body is larger than `limit` bytes.
    pub fn too_large(limit: u64) -> Self {
        Self::of("too_large").detail(format!("the body is larger than {limit} bytes"))
    }

    /// 414: the address is longer than `limit` bytes.
    pub fn uri_too_long(limit: u64) -> Self {
        Self::of("uri_too_long").detail(format!("the address is longer than {limit} bytes"))
    }

    /// 415: the body is not of the expected media type.
    pub fn unsupported_media_type(expected: &'static str) -> Self {
        Self::of("unsupported_media_type")
            .detail(format!(
                "send the body as `{expected}` and say so in `Content-Type`"
            ))
            .header(header::ACCEPT, HeaderValue::from_static(expected))
    }

    /// 415: the body is packed in a way that the server does not unpack (RFC 9110, 15.5.16).
    pub fn unsupported_content_encoding() -> Self {
        Self::of("unsupported_media_type")
            .detail("send the body as it is, without `Content-Encoding`")
            .header(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            )
    }

    /// 422: the input breaks the rules; `faults` are all that was found.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self::of("invalid")
            .detail(count(faults.len()))
            .faults(faults)
    }

    /// 400: the request names parameters that do not exist, or cannot be read; `faults` are all that was found.
    pub(crate) fn bad_parameters(code: &'static str, faults: Vec<Fault>) -> Self {
        Self::of_kind("malformed", code)
            .detail(count(faults.len()))
            .faults(faults)
    }

    /// 431: the headers are larger, or more, than the server accepts.
    pub fn headers_too_large() -> Self {
        Self::of("headers_too_large")
            .detail("the headers are larger, or more, than the server accepts")
    }

    /// 500: the server failed. Says nothing about the cause; the log does.
    pub fn internal() -> Self {
        Self::of("internal")
            .detail("the server failed; quote the `request_id` when you report this")
    }

    /// 501: the server does not do this.
    pub fn not_implemented() -> Self {
        Self::of("not_implemented").detail("the server does not do this")
    }

    /// 503: the server cannot answer now; tells the client when to try again, in whole seconds, at least one.
    pub fn unavailable(retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs().max(1);
        Self::of("unavailable")
            .detail("the server cannot answer now")
            .header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 504: the handler did not finish in time.
    pub fn timeout() -> Self {
        Self::of("timeout").detail("the answer was not ready in time")
    }
}

/// How many faults there are, in words.
pub(super) fn count(faults: usize) -> String {
    match faults {
        1 => "1 fault in the request".to_owned(),
        n if n > Problem::MOST_FAULTS => {
            format!(
                "more than {0} faults in the request; the first {0} are listed",
                Problem::MOST_FAULTS
            )
        }
        n => format!("{n} faults in the request"),
    }
}
