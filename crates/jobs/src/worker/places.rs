//! The places that the jobs of a worker take: those that run, and those that were taken ahead of a free place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};

/// How long a job that was taken ahead may wait for its place, beside the time that a claim takes, going by how fast jobs have
/// ended lately.
const AHEAD: Duration = Duration::from_millis(10);
/// How long free places wait for more to become free, so that one call fills them all, while jobs end that fast.
const LINGER: Duration = Duration::from_millis(5);
/// What counts of the time that a claim takes, so that no job lies with one worker for long because the store was slow once.
const LONGEST: Duration = Duration::from_millis(50);

/// The places that jobs take.
pub(super) struct Places {
    /// What a job has while it runs.
    pub(super) running: Semaphore,
    /// How many jobs this worker has, running or not.
    taken: AtomicUsize,
    /// How many have ended since that was asked for.
    ended: AtomicUsize,
    /// How few there have to be for whoever waits to be told.
    few: AtomicUsize,
    freed: Notify,
}

impl Places {
    /// So many jobs run at a time.
    pub(super) fn new(running: usize) -> Arc<Self> {
        Arc::new(Self {
            running: Semaphore::new(running),
            taken: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            few: AtomicUsize::new(0),
            freed: Notify::new(),
        })
    }

    /// A job takes a place.
    pub(super) fn take(self: &Arc<Self>) -> Place {
        self.taken.fetch_add(1, Ordering::SeqCst);
        Place(Arc::clone(self))
    }

    /// How many of so many places are free.
    pub(super) fn room(&self, places: usize) -> usize {
        places.saturating_sub(self.taken.load(Ordering::SeqCst))
    }

    /// Waits until so many of these places are free, but not for long as soon as one is.
    pub(super) async fn wait(&self, places: usize, wanted: usize) {
        self.few
            .store(places.saturating_sub(wanted), Ordering::SeqCst);
        tokio::select! {
            () = self.until(places, wanted) => {}
            () = sleep(LINGER) => {
                self.few.store(places.saturating_sub(1), Ordering::SeqCst);
                self.until(places, 1).await;
            }
        }
    }

    async fn until(&self, places: usize, wanted: usize) {
        while self.room(places) < wanted {
            self.freed.notified().await;
        }
    }
}

/// The place of a job, which is free when this is gone.
pub(super) struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        let places = &self.0;
        places.ended.fetch_add(1, Ordering::SeqCst);
        let left = places.taken.fetch_sub(1, Ordering::SeqCst) - 1;
        if left <= places.few.load(Ordering::SeqCst) {
            places.freed.notify_one();
        }
    }
}

/// Decides how many jobs to take ahead: as many as places become free for within a moment and the time that the next claim takes,
/// so that fast jobs are claimed many at a time, and slow ones stay where every worker can take them.
pub(super) struct Ahead {
    most: usize,
    /// How many places become free in a second.
    rate: f64,
    /// How long a claim takes.
    claim: Duration,
    last: Instant,
}

impl Ahead {
    /// Never more than these.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            rate: 0.0,
            claim: Duration::ZERO,
            last: Instant::now(),
        }
    }

    /// A claim took so long.
    pub(super) fn claimed(&mut self, took: Duration) {
        self.claim = (self.claim + took.min(LONGEST)) / 2;
    }

    /// How many to take now; what has ended since the last time says so.
    pub(super) fn jobs(&mut self, places: &Places) -> usize {
        let now = Instant::now();
        let took = now.duration_since(self.last);
        self.last = now;
        self.saw(places.ended.swap(0, Ordering::SeqCst), took)
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate of small numbers"
    )]
    fn saw(&mut self, ended: usize, took: Duration) -> usize {
        let rate = ended as f64 / took.as_secs_f64().max(1e-6);
        self.rate = f64::midpoint(self.rate, rate);
        let jobs = (self.rate * (AHEAD + self.claim).as_secs_f64()) as usize;
        jobs.min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_jobs_are_taken_ahead_and_slow_ones_are_not() {
        let mut ahead = Ahead::new(128);
        let ms = Duration::from_millis;
        assert_eq!(ahead.saw(0, ms(5)), 0, "nothing is known at first");
        let taken: Vec<usize> = (0..8).map(|_| ahead.saw(20, ms(5))).collect();
        assert!((35..=40).contains(&taken[7]), "4,000 a second: {taken:?}");
        (0..8).for_each(|_| ahead.claimed(ms(20)));
        let taken = ahead.saw(20, ms(5));
        assert!((110..=120).contains(&taken), "a claim takes 20 ms: {taken}");
        let taken: Vec<usize> = (0..8).map(|_| ahead.saw(500, ms(5))).collect();
        assert_eq!(taken[7], 128, "{taken:?}");
        (0..8).for_each(|_| ahead.claimed(ms(1)));
        let taken: Vec<usize> = (0..16).map(|_| ahead.saw(16, ms(200))).collect();
        assert_eq!(taken[15], 0, "80 a second: {taken:?}");
    }

    #[tokio::test]
    async fn places_are_filled_many_at_a_time_but_one_does_not_wait_for_long() {
        let places = Places::new(4);
        let mut taken: Vec<Place> = (0..8).map(|_| places.take()).collect();
        let waits = places.wait(8, 4);
        tokio::pin!(waits);
        let soon = tokio::time::timeout(LINGER * 10, &mut waits).await;
        soon.expect_err("none is free");
        taken.pop();
        waits.await;
        assert_eq!(places.room(8), 1);
        taken.truncate(4);
        places.wait(8, 4).await;
    }
}
