//! Which transactions the running code is inside of.

use std::sync::Arc;

use super::Joined;
use crate::Db;

tokio::task_local! {
    static SCOPE: Option<Scope>;
}

/// The innermost transaction, and those of other databases around it.
#[derive(Clone)]
struct Scope {
    place: Joined,
    outer: Option<Arc<Scope>>,
}

/// The transaction of this database that the calling code is inside of.
pub(crate) fn joined(db: &Db) -> Option<Joined> {
    let find = |scope: &Option<Scope>| scope.as_ref().and_then(|scope| scope.find(db));
    SCOPE.try_with(find).ok().flatten()
}

/// Runs a future inside a transaction.
pub(super) async fn within<F: Future>(place: Joined, future: F) -> F::Output {
    SCOPE
        .scope(Some(Scope::new(place, current())), future)
        .await
}

/// Runs a future outside of the transactions of a database.
pub(super) async fn without<F: Future>(db: &Db, future: F) -> F::Output {
    let Some(scope) = current().filter(|scope| scope.find(db).is_some()) else {
        return future.await;
    };
    SCOPE.scope(scope.without(db), future).await
}

fn current() -> Option<Scope> {
    SCOPE.try_with(Clone::clone).ok().flatten()
}

impl Scope {
    fn new(place: Joined, outer: Option<Self>) -> Self {
        Self {
            place,
            outer: outer.map(Arc::new),
        }
    }

    /// The same without the transactions of this database.
    fn without(&self, db: &Db) -> Option<Self> {
        let outer = self.outer.as_ref().and_then(|outer| outer.without(db));
        if self.place.session.belongs_to(db) {
            return outer;
        }
        Some(Self::new(self.place.clone(), outer))
    }

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
