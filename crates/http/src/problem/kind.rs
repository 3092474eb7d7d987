//! The kinds of problems that exist: one page each, served at `/docs/problems/<slug>`.

use axum::http::StatusCode;

/// A kind of problem: what the address in `type` leads to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProblemKind {
    /// The last part of `type`, and the code when nothing more exact is known.
    pub slug: &'static str,
    /// The status of such answers.
    pub status: u16,
    /// The title of such answers.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What a client does about it.
    pub remedy: &'static str,
}

/// All kinds, by status.
pub fn kinds() -> &'static [ProblemKind] {
    KINDS
}

impl ProblemKind {
    /// The kind with this slug.
    pub fn of_code(code: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.slug == code)
    }

    /// The first kind with this status.
    pub fn of_status(status: StatusCode) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.status == status.as_u16())
    }
}

const fn kind(
    status: u16,
    slug: &'static str,
    title: &'static str,
    meaning: &'static str,
    remedy: &'static str,
) -> ProblemKind {
    ProblemKind {
        slug,
        status,
        title,
        meaning,
        remedy,
    }
}

const KINDS: &[ProblemKind] = &[
    kind(
        400,
        "malformed",
        "Malformed request",
        "The request cannot be read: the body is not JSON, a key occurs twice, or the query string is not understood.",
        "Correct what `detail` and `errors` name. Sending the same request again fails again.",
    ),
    kind(
        401,
        "unauthenticated",
        "Authentication required",
        "The request carries no credentials, or they are not valid (any more).",
        "Sign in and send the credentials that the `WWW-Authenticate` header asks for.",
    ),
    kind(
        403,
        "forbidden",
        "Forbidden",
        "The caller is known, and may not do this.",
        "Ask for the permission, or use another account.",
    ),
    kind(
        404,
        "not_found",
        "Not found",
        "There is nothing at this address, or nothing that the caller may see.",
        "Check the path and the identifier in it.",
    ),
    kind(
        405,
        "method_not_allowed",
        "Method not allowed",
        "The address exists, and does not know this method.",
        "Use one of the methods in the `Allow` header.",
    ),
    kind(
        406,
        "not_acceptable",
        "Not acceptable",
        "The answer has no form that the `Accept` header admits.",
        "Accept `application/json`, or leave the header out.",
    ),
    kind(
        408,
        "request_timeout",
        "Request timeout",
        "The request did not arrive in time.",
        "Send it again over a better connection, or send less.",
    ),
    kind(
        409,
        "conflict",
        "Conflict",
        "The request contradicts the present state, for example because someone else changed it meanwhile.",
        "Read the present state and decide anew.",
    ),
    kind(
        409,
        "already_exists",
        "Already exists",
        "What is to be created exists.",
        "Use the existing one, or choose another key.",
    ),
    kind(
        412,
        "precondition_failed",
        "Precondition failed",
        "A condition in the request's headers does not hold: the state has changed since it was read.",
        "Read the present state and decide anew.",
    ),
    kind(
        413,
        "too_large",
        "Content too large",
        "The body is larger than the server accepts.",
        "Send less, or in parts.",
    ),
    kind(
        414,
        "uri_too_long",
        "URI too long",
        "The address is longer than the server accepts.",
        "Shorten the query string.",
    ),
    kind(
        415,
        "unsupported_media_type",
        "Unsupported media type",
        "The body's `Content-Type` is missing or is not one that this address understands.",
        "Send the body in the form that `detail` names, and say so in `Content-Type`.",
    ),
    kind(
        422,
        "invalid",
        "Invalid request",
        "The request can be read, and its content breaks the rules of the API.",
        "Correct all that `errors` lists; each entry says where and what. The rules are in the OpenAPI document.",
    ),
    kind(
        428,
        "precondition_required",
        "Precondition required",
        "The request changes something without saying which version of it the caller has seen.",
        "Read it, and send the `ETag` of the answer as `If-Match`.",
    ),
    kind(
        429,
        "rate_limited",
        "Too many requests",
        "The caller sent more requests than it may in this time.",
        "Wait for as long as `Retry-After` says.",
    ),
    kind(
        431,
        "headers_too_large",
        "Request header fields too large",
        "The headers are larger, or more, than the server accepts.",
        "Send fewer or shorter headers; often it is the cookies.",
    ),
    kind(
        500,
        "internal",
        "Internal server error",
        "The server failed; the request is not to blame.",
        "Try again later, and quote `request_id` when you report it.",
    ),
    kind(
        501,
        "not_implemented",
        "Not implemented",
        "The server does not do this (yet).",
        "Use something else.",
    ),
    kind(
        503,
        "unavailable",
        "Service unavailable",
        "The server cannot answer now: it is starting, stopping, overloaded, or lacks something it depends on.",
        "Try again after as long as `Retry-After` says.",
    ),
    kind(
        504,
        "timeout",
        "Timeout",
        "The answer was not ready in time. It is not known whether the request has taken effect.",
        "Read the state before you send it again.",
    ),
];
