//! How a transaction begins.

/// What begins a transaction, in the isolation that the server has as its default.
pub(super) const BEGIN: &str = "BEGIN";
