//! On whose behalf the running code works.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::scope;

/// Who a unit of work is done for, in one word: `user:42`, `job:nightly-report`.
///
/// Whoever knows it (a middleware that has checked a token, a worker that has taken a job) names it once; whatever the
/// unit does from then on can ask for it, as audit columns of the database do. It hangs on the [`scope`] of the unit, so
/// that no signature has to carry it, and a task that is spawned has it only when it [inherits](scope::inherit).
///
/// ```
/// use atlas_core::{Actor, scope};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// scope::enter(async {
///     assert_eq!(Actor::current(), None);
///     Actor::new("user:42").act();
///     assert_eq!(Actor::current().unwrap().id(), "user:42");
/// })
/// .await;
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor(Arc<str>);

#[derive(Default)]
struct Slot(Mutex<Option<Actor>>);

impl Actor {
    /// The actor of this name.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// Says that the unit of work is done for this actor from now on. Says whether there is a unit of work; outside of
    /// one nothing is remembered.
    pub fn act(self) -> bool {
        let Some(slot) = scope::slot::<Slot>() else {
            return false;
        };
        *slot.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
        true
    }

    /// The actor that the running unit of work is done for, when somebody has said so.
    pub fn current() -> Option<Self> {
        let slot = scope::slot::<Slot>()?;
        let actor = slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        actor.clone()
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Actor;
    use crate::scope;

    #[tokio::test]
    async fn units_of_work_have_actors_of_their_own() {
        let work = |name: &'static str| {
            scope::enter(async move {
                assert!(Actor::new(name).act());
                tokio::task::yield_now().await;
                Actor::current().unwrap()
            })
        };
        let both = tokio::join!(work("user:1"), work("user:2"));
        assert_eq!(both, (Actor::new("user:1"), Actor::new("user:2")));
    }

    #[tokio::test]
    async fn the_last_word_counts_and_outside_of_a_unit_there_is_nobody() {
        scope::enter(async {
            Actor::new("user:1").act();
            Actor::new("admin:7").act();
            assert_eq!(Actor::current().unwrap().id(), "admin:7");
        })
        .await;
        assert!(!Actor::new("user:1").act());
        assert_eq!(Actor::current(), None);
    }
}
