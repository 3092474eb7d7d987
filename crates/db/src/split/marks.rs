//! What the calling code has written, and must see again.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use atlas_core::scope;

use super::{moment::Moment, position::Position};

/// When the latest write of a session was over.
#[derive(Debug, Default)]
pub(crate) struct Marks(AtomicU64);

impl Marks {
    /// The end of the latest write, or "never".
    pub(crate) fn written(&self) -> Moment {
        Moment::from_bits(self.0.load(Ordering::Acquire))
    }

    fn mark(&self, now: Moment) {
        self.0.fetch_max(now.bits(), Ordering::AcqRel);
    }
}

tokio::task_local! {
    static WITHIN: Arc<Within>;
}

/// What the calling code was put into by hand: a named session, a position, the primary.
struct Within {
    /// The database that it is about.
    cluster: u64,
    what: What,
    outer: Option<Arc<Within>>,
}

enum What {
    Session(Arc<Marks>),
    After(Position),
    Primary,
}

/// The sessions of a unit of work, one a database. They hang on its scope.
#[derive(Default)]
struct OfScope(Mutex<Vec<(u64, Arc<Marks>)>>);

impl OfScope {
    fn with<T>(&self, cluster: u64, use_it: impl FnOnce(&Arc<Marks>) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|(id, _)| *id == cluster);
        let at = at.unwrap_or_else(|| {
            all.push((cluster, Arc::default()));
            all.len() - 1
        });
        use_it(&all[at].1)
    }
}

/// What a read must see.
#[derive(Debug, Default)]
pub(crate) struct Need {
    /// Only the primary will do.
    pub(crate) primary: bool,
    /// Everything that was committed by then.
    pub(crate) written: Moment,
    /// Everything up to here.
    pub(crate) position: Option<Position>,
}

impl Need {
    /// What a read of the calling code must see of a database. Outside of any unit of work, that is what was written
    /// outside of any.
    pub(crate) fn of_caller(cluster: u64, outside: &Marks) -> Self {
        let mut need = Self::default();
        let _ = WITHIN.try_with(|within| {
            for within in within.of(cluster) {
                match &within.what {
                    What::Session(marks) => need.written = need.written.max(marks.written()),
                    What::After(position) => need.see(position),
                    What::Primary => need.primary = true,
                }
            }
        });
        let written = match scope::slot::<OfScope>() {
            Some(sessions) => sessions.with(cluster, |marks| marks.written()),
            None => outside.written(),
        };
        need.written = need.written.max(written);
        need
    }

    fn see(&mut self, position: &Position) {
        match &mut self.position {
            Some(so_far) => {
                // no replica is at two positions of different engines
                let is_possible = so_far.merge(position);
                self.primary |= !is_possible;
            }
            None => self.position = Some(position.clone()),
        }
    }
}

/// A write on its way, or a transaction. When it is dropped, with the write done, failed or cancelled, all sessions that
/// the caller was in have written.
#[must_use = "a write counts when this is dropped"]
#[derive(Debug)]
pub(crate) struct Writing(Vec<Arc<Marks>>);

impl Writing {
    /// A write of the calling code.
    pub(crate) fn of_caller(cluster: u64, outside: &Arc<Marks>) -> Self {
        let mut sessions = Vec::with_capacity(2);
        let _ = WITHIN.try_with(|within| {
            for within in within.of(cluster) {
                if let What::Session(marks) = &within.what {
                    sessions.push(Arc::clone(marks));
                }
            }
        });
        sessions.push(match scope::slot::<OfScope>() {
            Some(of_scope) => of_scope.with(cluster, Arc::clone),
            None => Arc::clone(outside),
        });
        Self(sessions)
    }

    /// What was written so far counts now, and what follows when this is dropped.
    pub(crate) fn count(&self) {
        let now = Moment::now();
        self.0.iter().for_each(|marks| marks.mark(now));
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.count();
    }
}

impl Within {
    /// What the caller is within of one database, from the inside.
    fn of(self: &Arc<Self>, cluster: u64) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(&**self), |it| it.outer.as_deref())
            .filter(move |it| it.cluster == cluster)
    }

    async fn run<F: Future>(cluster: u64, what: What, work: F) -> F::Output {
        let outer = WITHIN.try_with(Arc::clone).ok();
        let within = Self {
            cluster,
            what,
            outer,
        };
        WITHIN.scope(Arc::new(within), work).await
    }
}

/// Runs a future as part of a session.
pub(super) async fn in_session<F: Future>(cluster: u64, marks: Arc<Marks>, work: F) -> F::Output {
    Within::run(cluster, What::Session(marks), work).await
}

/// Runs a future whose reads see a position.
pub(super) async fn after<F: Future>(cluster: u64, position: Position, work: F) -> F::Output {
    Within::run(cluster, What::After(position), work).await
}

/// Runs a future whose reads go to the primary.
pub(super) async fn on_primary<F: Future>(cluster: u64, work: F) -> F::Output {
    Within::run(cluster, What::Primary, work).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use atlas_core::scope;

    use super::{Marks, Moment, Need, Writing, after, in_session, on_primary};

    const HERE: u64 = 1;
    const ELSEWHERE: u64 = 2;

    #[derive(Default)]
    struct Outside(Arc<Marks>);

    impl Outside {
        fn write(&self) {
            drop(Writing::of_caller(HERE, &self.0));
        }

        fn written(&self) -> bool {
            self.need().written != Moment::NEVER
        }

        fn need(&self) -> Need {
            Need::of_caller(HERE, &self.0)
        }
    }

    #[tokio::test]
    async fn a_write_counts_for_its_unit_of_work_and_for_no_other() {
        let it = Outside::default();
        scope::enter(async {
            assert!(!it.written());
            it.write();
            assert!(it.written());
            assert_eq!(Need::of_caller(ELSEWHERE, &it.0).written, Moment::NEVER);
            let heir = scope::inherit(async { it.written() });
            assert!(
                heir.await,
                "a task that works for the request sees what it wrote"
            );
        })
        .await;
        assert!(!it.written());
        scope::enter(async { assert!(!it.written()) }).await;
        it.write();
        assert!(it.written());
        scope::enter(async { assert!(!it.written()) }).await;
    }

    #[tokio::test]
    async fn a_write_counts_when_it_is_over_however_it_ends() {
        let it = Outside::default();
        let writing = Writing::of_caller(HERE, &it.0);
        assert!(!it.written());
        let before = Moment::now();
        drop(writing);
        assert!(it.need().written >= before);
    }

    #[tokio::test]
    async fn a_named_session_outlives_the_units_of_work_that_use_it() {
        let (it, session) = (Outside::default(), Arc::<Marks>::default());
        let within = |session| in_session(HERE, session, async { it.written() });
        scope::enter(async {
            in_session(HERE, Arc::clone(&session), async { it.write() }).await;
            assert!(it.written(), "the request itself wrote as well");
        })
        .await;
        scope::enter(async {
            assert!(!it.written());
            assert!(within(Arc::clone(&session)).await);
            assert!(!within(Arc::default()).await);
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_asked_for_holds_inside_of_everything_else() {
        let it = Outside::default();
        let position = || "postgresql:0/1".parse().unwrap();
        on_primary(HERE, async {
            assert!(it.need().primary);
            assert!(!Need::of_caller(ELSEWHERE, &it.0).primary);
            after(HERE, position(), async {
                let need = it.need();
                assert!(need.primary);
                assert_eq!(need.position, Some(position()));
                let further = || "postgresql:0/2".parse().unwrap();
                after(HERE, further(), async {
                    assert_eq!(it.need().position, Some(further()));
                })
                .await;
            })
            .await;
        })
        .await;
        assert!(!it.need().primary && it.need().position.is_none());
    }
}
