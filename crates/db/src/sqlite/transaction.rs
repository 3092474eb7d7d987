//! How a transaction begins.

/// What begins a transaction that may write.
///
/// The write lock is taken at once: a transaction that starts by reading could otherwise not become a writing one when
/// another process wrote in between, however long it waits. Its isolation is serializable, whatever is asked for.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// What begins a transaction on a connection that only reads.
pub(super) const BEGIN_READ_ONLY: &str = "BEGIN";

/// What begins a transaction that only reads on a connection that may write otherwise.
pub(super) const BEGIN_READ_ONLY_FOR_NOW: &str = "PRAGMA query_only = ON; BEGIN";

/// What lets such a connection write again.
pub(super) const LIFT: &str = "PRAGMA query_only = OFF";
