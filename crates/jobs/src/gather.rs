//! Jobs that are enqueued one by one, by many at a time, in few calls of the store.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    Error, Result,
    store::{Enqueued, NewJob},
};

/// How many calls are under way at a time before others wait and go together.
const LANES: usize = 2;
/// The most jobs of a call, which are those of one statement, and the most bytes of their payloads.
const MOST: (usize, usize) = (64, 1 << 20);

/// What adds jobs to a store.
type Call = dyn Fn(Vec<NewJob>) -> Pin<Box<dyn Future<Output = Result<Vec<Enqueued>>> + Send>>
    + Send
    + Sync;

/// Passes single jobs on: at once as long as few are on their way, and otherwise together with all others that came while
/// those were. So databases group commits. A flush to the disk, or a round trip, is then shared by all who wait for one.
///
/// Nobody answers for others: when the call of many fails, each of them makes its own.
#[derive(Clone)]
pub(crate) struct Gather(Arc<Inner>);

struct Inner {
    call: Box<Call>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    lanes: usize,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    job: NewJob,
    /// What became of it; the job itself if it has to go alone.
    told: oneshot::Sender<Result<Enqueued, NewJob>>,
}

/// The right to make a call. Whoever gives it back sends those on their way who waited for it.
struct Lane {
    gather: Gather,
    failed: bool,
}

impl Gather {
    /// Passes jobs on by these calls.
    pub(crate) fn new<F, Fut>(call: F) -> Self
    where
        F: Fn(Vec<NewJob>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Enqueued>>> + Send + 'static,
    {
        Self(Arc::new(Inner {
            call: Box::new(move |jobs| Box::pin(call(jobs))),
            queue: Mutex::default(),
        }))
    }

    /// Enqueues a job that has nothing to do with any other: neither a transaction nor a key.
    pub(crate) async fn enqueue(&self, job: NewJob) -> Result<Enqueued> {
        let waits = {
            let mut queue = self.queue();
            if queue.lanes < LANES {
                queue.lanes += 1;
                Err(job)
            } else {
                let (told, waits) = oneshot::channel();
                queue.waiting.push_back(Waiting { job, told });
                Ok(waits)
            }
        };
        let (job, lane) = match waits {
            Err(job) => (job, Some(Lane::of(self))),
            Ok(waits) => match waits.await {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(job)) => (job, None),
                Err(_) => return Err(Error::Unavailable("the call for it has ended".into())),
            },
        };
        let done = self.call(vec![job]).await;
        if let (Some(mut lane), true) = (lane, done.is_err()) {
            lane.failed = true;
        }
        let first = done?.into_iter().next();
        first.ok_or_else(silent)
    }

    /// Makes the call of many.
    async fn carry(mut lane: Lane, some: Vec<Waiting>) {
        let jobs = some.iter().map(|it| it.job.clone()).collect();
        let done = lane.gather.call(jobs).await;
        let done = done.ok().filter(|done| done.len() == some.len());
        lane.failed = done.is_none();
        let mut done = done.unwrap_or_default().into_iter();
        for Waiting { job, told } in some {
            // who has gone meanwhile does not want to know
            told.send(done.next().ok_or(job)).ok();
        }
    }

    async fn call(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        (self.0.call)(jobs).await
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn of(gather: &Gather) -> Self {
        Self {
            gather: gather.clone(),
            failed: false,
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut queue = self.gather.queue();
        let runtime = Handle::try_current();
        // what does not answer is not waited for in turn
        let some = match (&runtime, self.failed) {
            (Ok(_), false) => queue.next(),
            _ => {
                for Waiting { job, told } in queue.waiting.drain(..) {
                    told.send(Err(job)).ok();
                }
                Vec::new()
            }
        };
        match runtime {
            Ok(runtime) if !some.is_empty() => {
                drop(queue);
                runtime.spawn(Gather::carry(Self::of(&self.gather), some));
            }
            _ => queue.lanes -= 1,
        }
    }
}

impl Queue {
    /// Those who go next, as far as somebody still waits for them.
    fn next(&mut self) -> Vec<Waiting> {
        let (mut some, mut bytes) = (Vec::new(), 0);
        while some.len() < MOST.0
            && let Some(first) = self.waiting.front()
        {
            bytes += first.job.payload.len();
            if bytes > MOST.1 && !some.is_empty() {
                break;
            }
            some.extend(self.waiting.pop_front().filter(|it| !it.told.is_closed()));
        }
        some
    }
}

/// A store that does not keep its promise.
pub(crate) fn silent() -> Error {
    Error::Refused("the store did not say what became of the job".into())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::{sync::Semaphore, task::JoinSet};

    use super::*;
    use crate::{Jobs, JobsConfig, MemoryStore, State};

    /// A store whose calls end when they are let, and which can be told to fail those of many, or all.
    struct Slow {
        gather: Gather,
        let_go: Arc<Semaphore>,
        calls: Arc<Mutex<Vec<usize>>>,
        refuses_many: Arc<AtomicBool>,
    }

    impl Slow {
        fn new() -> Self {
            let let_go = Arc::new(Semaphore::new(0));
            let calls = Arc::new(Mutex::new(Vec::new()));
            let refuses_many = Arc::new(AtomicBool::new(false));
            let (permits, seen, refuses) = (
                Arc::clone(&let_go),
                Arc::clone(&calls),
                Arc::clone(&refuses_many),
            );
            let gather = Gather::new(move |jobs: Vec<NewJob>| {
                let (permits, refuses) = (Arc::clone(&permits), Arc::clone(&refuses));
                seen.lock().unwrap().push(jobs.len());
                async move {
                    permits.acquire().await.unwrap().forget();
                    if jobs.len() > 1 && refuses.load(Ordering::SeqCst) {
                        return Err(Error::Refused("one of them is too large".into()));
                    }
                    let new = |job: NewJob| Enqueued::New(job.id, State::Available);
                    Ok(jobs.into_iter().map(new).collect())
                }
            });
            Self {
                gather,
                let_go,
                calls,
                refuses_many,
            }
        }

        /// Begins to enqueue so many.
        async fn begin(&self, jobs: usize) -> JoinSet<bool> {
            let store = Arc::new(MemoryStore::new());
            let client = Jobs::new(store, Vec::new(), &JobsConfig::for_tests());
            let (mut tasks, before) = (JoinSet::new(), self.under_way());
            for _ in 0..jobs {
                let job = client.enqueue_raw("work", b"1".to_vec()).prepare().await;
                let (gather, job) = (self.gather.clone(), job.unwrap());
                tasks.spawn(async move {
                    let id = job.id;
                    gather.enqueue(job).await.unwrap().id() == id
                });
            }
            while self.under_way() < before + jobs {
                tokio::task::yield_now().await;
            }
            tasks
        }

        /// How many are being called for, or wait.
        fn under_way(&self) -> usize {
            let queue = self.gather.queue();
            queue.lanes + queue.waiting.len()
        }

        fn calls(&self) -> Vec<usize> {
            self.calls.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn those_who_come_while_calls_are_under_way_go_together() {
        let slow = Slow::new();
        let tasks = slow.begin(40).await;
        slow.let_go.add_permits(3);
        assert_eq!(
            tasks.join_all().await,
            [true; 40],
            "each has its own answer"
        );
        assert_eq!(slow.calls(), [1, 1, 38]);
        assert_eq!(slow.under_way(), 0, "the next one goes at once");
    }

    #[tokio::test]
    async fn a_call_has_no_more_jobs_than_a_statement_takes() {
        let slow = Slow::new();
        let tasks = slow.begin(2 + MOST.0 + 1).await;
        slow.let_go.add_permits(4);
        tasks.join_all().await;
        assert_eq!(slow.calls(), [1, 1, MOST.0, 1]);
    }

    #[tokio::test]
    async fn one_that_fails_the_call_of_many_fails_no_other() {
        let slow = Slow::new();
        slow.refuses_many.store(true, Ordering::SeqCst);
        let tasks = slow.begin(10).await;
        slow.let_go.add_permits(11);
        assert_eq!(tasks.join_all().await, [true; 10]);
        assert_eq!(slow.calls(), [1, 1, 8, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(slow.under_way(), 0);
    }

    #[tokio::test]
    async fn one_who_gives_up_while_waiting_is_not_enqueued() {
        let slow = Slow::new();
        let first = slow.begin(2).await;
        let mut gone = slow.begin(4).await;
        gone.abort_all();
        while gone.join_next().await.is_some() {}
        slow.let_go.add_permits(2);
        first.join_all().await;
        assert_eq!(slow.under_way(), 0);
        assert_eq!(slow.calls(), [1, 1]);
    }

    #[tokio::test]
    async fn those_who_wait_for_one_that_gives_up_go_on() {
        let slow = Slow::new();
        let mut first = slow.begin(2).await;
        let others = slow.begin(4).await;
        first.abort_all();
        while first.join_next().await.is_some() {}
        slow.let_go.add_permits(1);
        assert_eq!(others.join_all().await, [true; 4]);
        assert_eq!(slow.calls(), [1, 1, 4]);
    }
}
