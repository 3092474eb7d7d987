//! Which transactions the running code is inside of.

use std::sync::Arc;

use super::Joined;
use crate::Db;

tokio::task_local! {
    static SCOPE: Scope;
}

/// The innermost transaction, and those of other databases around it.
#[derive(Clone)]
struct Scope {
    place: Joined,
    outer: Option<Arc<Scope>>,
}

/// The transaction of this database that the calling code is inside of.
pub(crate) fn joined(db: &Db) -> Option<Joined> {
    SCOPE.try_with(|scope| scope.find(db)).ok().flatten()
}

/// Runs a future inside a transaction.
pub(super) async fn within<F: Future>(place: Joined, future: F) -> F::Output {
    let outer = SCOPE.try_with(Clone::clone).ok().map(Arc::new);
    SCOPE.scope(Scope { place, outer }, future).await
}

impl Scope {
    fn find(&self, db: &Db) -> Option<Joined> {
        let mut scope = self;
        loop {
            if scope.place.session.belongs_to(db) {
                return Some(scope.place.clone());
            }
            scope = scope.outer.as_deref()?;
        }
    }
}
