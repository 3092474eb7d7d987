//! The unit of work that the calling code belongs to.
//!
//! Whatever serves a request, runs a job or handles a message does so inside a scope. Others hang state of their own on
//! it, which lives as long as the work does: what a request has written, how often it asked the same. Opening a scope
//! allocates nothing; a slot costs one allocation when it is first asked for.

use std::{
    any::{Any, TypeId},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: Slots;
}

/// A future that runs in a scope of its own; made by [`enter`].
pub type Scoped<F> = TaskLocalFuture<Slots, F>;

/// What hangs on a scope, one value a type.
#[derive(Debug, Default)]
pub struct Slots(Mutex<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>);

/// Runs `future` as a unit of work. A task that is *spawned* inside does not belong to it, unless it [`inherit`]s.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use atlas_core::scope;
///
/// #[derive(Default)]
/// struct Asked(AtomicU32);
///
/// fn ask() -> u32 {
///     let asked = scope::slot::<Asked>().unwrap_or_default();
///     asked.0.fetch_add(1, Ordering::Relaxed) + 1
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// scope::enter(async {
///     assert_eq!(ask(), 1);
///     assert_eq!(ask(), 2);
/// })
/// .await;
/// assert_eq!(ask(), 1, "outside of a scope nothing is remembered");
/// # });
/// ```
pub fn enter<F: Future>(future: F) -> Scoped<F> {
    CURRENT.scope(Slots::default(), future)
}

/// The value of this type that hangs on the scope of the calling code, made on first use; `None` outside of a scope.
pub fn slot<T: Any + Send + Sync + Default>() -> Option<Arc<T>> {
    CURRENT.try_with(Slots::get).ok()
}

/// Gives `future` the scope of the calling code, for a task that is spawned on its behalf.
///
/// The two share what hangs on the scope already; what one of them hangs there later is its own.
pub fn inherit<F: Future>(future: F) -> Scoped<F> {
    let slots = CURRENT.try_with(Slots::share).unwrap_or_default();
    CURRENT.scope(slots, future)
}

impl Slots {
    fn get<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = slots.iter().find(|(id, _)| *id == TypeId::of::<T>());
        if let Some(value) = found.and_then(|(_, value)| Arc::clone(value).downcast().ok()) {
            return value;
        }
        let value = Arc::<T>::default();
        slots.push((TypeId::of::<T>(), Arc::clone(&value) as _));
        value
    }

    fn share(&self) -> Self {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Mutex::new(slots.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{enter, inherit, slot};

    #[derive(Default)]
    struct Count(AtomicU32);

    fn count() -> Option<u32> {
        slot::<Count>().map(|it| it.0.fetch_add(1, Ordering::Relaxed))
    }

    #[tokio::test]
    async fn scopes_do_not_see_each_others_values() {
        let work = || {
            enter(async {
                let first = count();
                tokio::task::yield_now().await;
                (first, count())
            })
        };
        let both = tokio::join!(work(), work());
        assert_eq!(both, ((Some(0), Some(1)), (Some(0), Some(1))));
        assert_eq!(count(), None);
    }

    #[tokio::test]
    async fn a_spawned_task_inherits_only_when_asked_to() {
        enter(async {
            assert_eq!(count(), Some(0));
            assert_eq!(tokio::spawn(async { count() }).await.unwrap(), None);
            let heir = tokio::spawn(inherit(async { count() }));
            assert_eq!(heir.await.unwrap(), Some(1));
            assert_eq!(count(), Some(2));
        })
        .await;
    }

    #[tokio::test]
    async fn values_of_different_types_hang_side_by_side() {
        #[derive(Default)]
        struct Other;
        enter(async {
            slot::<Other>().unwrap();
            assert_eq!(count(), Some(0));
            assert_eq!(count(), Some(1));
        })
        .await;
    }
}
