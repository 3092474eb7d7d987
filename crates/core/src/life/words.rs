//! What the errors of start and stop have in common.

use std::{error::Error, fmt::Write as _};

use super::reason::Reason;
use crate::Diagnostic;

pub(super) fn diagnostic_in<'a>(from: Option<&'a (dyn Error + 'static)>) -> Option<&'a Diagnostic> {
    std::iter::successors(from, |error| (*error).source()).find_map(|error| error.downcast_ref())
}

pub(super) fn exit_code(diagnostic: Option<&Diagnostic>, reason: Option<&Reason>) -> u8 {
    match (diagnostic, reason) {
        (Some(diagnostic), _) => diagnostic.exit_code(),
        (None, Some(reason)) if reason.is_panic() => 70,
        (None, _) => 1,
    }
}

pub(super) fn note(out: &mut String, what: &str, words: &str) {
    let _ = write!(out, "\n   = {what}: {words}");
}

/// The causes below an error whose own words are said already.
pub(super) fn causes(out: &mut String, error: Option<&(dyn Error + 'static)>) {
    let mut next = error.and_then(Error::source);
    while let Some(cause) = next {
        note(out, "cause", &cause.to_string());
        next = cause.source();
    }
}
