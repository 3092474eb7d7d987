//! What the suite asks of those whose store it proves.

use std::{pin::Pin, sync::Arc, time::Duration};

use crate::store::Store;

/// Opens the store that is to be proven. One value serves one case.
#[async_trait::async_trait]
pub trait Harness: Send + Sync {
    /// A store without jobs that nobody else uses; the suite calls this once per case, first. `None` when it cannot be had
    /// here, because a server is absent: the case is skipped then, and it is up to the harness to say so aloud.
    async fn open(&self) -> Option<Arc<dyn Store>>;

    /// Another handle on the jobs of the store that [`open`](Self::open) gave, as another process has it: with connections
    /// of its own. Asked of stores that say [`shared`](crate::store::Features::shared) only.
    async fn reopen(&self) -> Option<Arc<dyn Store>> {
        None
    }

    /// Moves the store's clock on. One that cannot be moved is waited for, as by default; the suite asks for short times.
    async fn advance(&self, by: Duration) {
        tokio::time::sleep(by).await;
    }

    /// Does this work within a transaction of the database that the store lies in, as a service does, and then commits it or
    /// rolls it back. Asked of stores whose [jobs are part of transactions](crate::store::Transactions::Same) only.
    ///
    /// # Panics
    ///
    /// By default: such a store is not proven without.
    async fn transaction(&self, work: Work<'_>, commit: bool) {
        let _ = (work, commit);
        refuse();
    }
}

/// What is done within a transaction.
pub type Work<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

#[expect(clippy::panic, reason = "a case fails as a test does")]
fn refuse() {
    panic!("the store says that its jobs are part of transactions: write `Harness::transaction`");
}
