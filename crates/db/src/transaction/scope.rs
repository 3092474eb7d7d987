//! Which transactions the running code is inside of.

use std::sync::Arc;

use super::Session;
use crate::Db;

tokio::task_local! {
    static SCOPE: Scope;
}

/// The innermost transaction, and those of other databases around it.
#[derive(Clone)]
struct Scope {
    session: Arc<Session>,
    outer: Option<Arc<Scope>>,
}

/// The transaction of this database that the calling code is inside of.
pub(crate) fn joined(db: &Db) -> Option<Arc<Session>> {
    SCOPE.try_with(|scope| scope.find(db)).ok().flatten()
}

/// Runs a future inside a transaction.
pub(super) async fn within<F: Future>(session: Arc<Session>, future: F) -> F::Output {
    let outer = SCOPE.try_with(Clone::clone).ok().map(Arc::new);
    SCOPE.scope(Scope { session, outer }, future).await
}

impl Scope {
    fn find(&self, db: &Db) -> Option<Arc<Session>> {
        let mut scope = self;
        loop {
            if scope.session.belongs_to(db) {
                return Some(Arc::clone(&scope.session));
            }
            scope = scope.outer.as_deref()?;
        }
    }
}
