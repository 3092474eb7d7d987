//! How a transaction begins.

/// What begins a transaction that may write.
///
/// The write lock is taken at once: a transaction that starts by reading could otherwise not become a writing one when
/// another process wrote in between, however long it waits.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// What begins a transaction of a database that is opened for reading.
pub(super) const BEGIN_READ_ONLY: &str = "BEGIN";
