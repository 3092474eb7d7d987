//! Why a database is not removed.

use atlas_core::Diagnostic;

const REFUSED: u8 = 1;
const UNAVAILABLE: u8 = 69;

/// A216: data of production is not removed.
pub(super) fn protected(place: &str) -> Diagnostic {
    Diagnostic::new("A216", "a database of profile `production` is not removed")
        .place(place)
        .help("if it really has to go, remove it with the engine's own tools; to empty another one, choose its profile: `--profile development`")
        .exit(REFUSED)
}

/// A216: something is in the way.
pub(super) fn not_removed(place: &str, problem: &str) -> Diagnostic {
    Diagnostic::new("A216", format!("the database was not removed: {problem}"))
        .place(place)
        .help("stop the service and what else uses it, then try again")
        .exit(UNAVAILABLE)
}
