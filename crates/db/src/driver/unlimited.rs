//! Statements that may take as long as they need.

use crate::Db;

tokio::task_local! {
    static UNLIMITED: ();
}

impl Db {
    /// Runs a future whose statements may take longer than `database.statement_timeout`, such as the ones of a report or of
    /// a migration.
    ///
    /// A connection that was used for one is closed afterwards. A task that is spawned inside is bound as ever.
    pub async fn without_statement_timeout<F: Future>(&self, work: F) -> F::Output {
        UNLIMITED.scope((), work).await
    }
}

/// Says whether the running code may take as long as it needs.
pub(super) fn is_unlimited() -> bool {
    UNLIMITED.try_with(|()| ()).is_ok()
}
