//! Claiming jobs, as many as there are places for, and starting them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    attempt::attempt,
    finisher::Finisher,
    hold::{Hold, Holds, Why},
    places::{Ahead, Places},
    setup::Setup,
    shares::Shares,
    strikes::{PUT_OFF, Strike, Strikes},
    verdict::Judge,
};
use crate::{
    Backoff, JobRecord, Result,
    metrics::Series,
    store::{Claim, Claimed, End, Finish, Signal, Verdict},
};

/// How soon a worker asks again after it has found work, where the store cannot wake it.
const SOON: Duration = Duration::from_millis(20);
/// How long a worker waits after the store has failed, at first.
const FAILED: Duration = Duration::from_millis(100);

/// Claims and starts jobs.
pub(super) struct Claims {
    pub(super) setup: Arc<Setup>,
    pub(super) holds: Arc<Holds>,
    pub(super) finisher: Finisher,
    pub(super) tasks: TaskTracker,
    /// Nothing more is started.
    pub(super) stop: CancellationToken,
    /// Every handler ends where it is.
    pub(super) abort: CancellationToken,
    /// There may be work.
    pub(super) work: Arc<Notify>,
}

impl Claims {
    /// Claims until it is told to stop. A call that is under way then is waited for, so that no job is claimed unseen.
    pub(super) async fn run(self) {
        let config = &self.setup.config;
        let running = config.concurrency as usize;
        let places = Places::new(running);
        let mut ahead = Ahead::new(config.prefetch as usize);
        let this = Arc::new(self);
        let config = &this.setup.config;
        let mut shares = Shares::new(config.weights());
        let strikes = Strikes::new(config.crash_limit);
        let (mut idle, mut failed) = (SOON, None);
        while !this.stop.is_cancelled() {
            let most = running + ahead.jobs(&places);
            let free = places.room(most);
            let mut wait = None;
            if free > 0 {
                let asked = Instant::now();
                match this.claim(&mut shares, free).await {
                    Ok(claimed) => {
                        ahead.claimed(asked.elapsed());
                        if failed.take().is_some() {
                            tracing::info!(target: "atlas::jobs", "the store gives jobs again");
                        }
                        let found = claimed.jobs.len();
                        let due = claimed.next_due.unwrap_or(Duration::MAX);
                        for (record, strike) in this.apart(claimed.jobs, &strikes, asked).await {
                            this.start(record, strike, asked, &places);
                        }
                        idle = match found {
                            0 => (idle * 2).min(*config.poll_interval),
                            _ => SOON.min(*config.poll_interval),
                        };
                        // it changes where messages stop coming through
                        let push = this.setup.store.features().push;
                        let poll = if push { *config.poll_interval } else { idle };
                        if found < free {
                            wait = Some(due.min(poll));
                        }
                    }
                    Err(error) => {
                        if failed.is_none() {
                            tracing::warn!(target: "atlas::jobs", error = &error as &dyn std::error::Error, "the store gives no jobs: it is asked again until it does");
                        }
                        let pause = failed.map_or(FAILED, |it: Duration| it * 2);
                        let pause = pause.min((*config.poll_interval).max(FAILED));
                        failed = Some(pause);
                        // a store that is down is not asked sooner because it rings
                        this.pause(pause.mul_f64(0.75 + fastrand::f64() / 2.0))
                            .await;
                        continue;
                    }
                }
            }
            match wait {
                Some(wait) => this.idle(wait).await,
                None => {
                    let wanted = if most > running { most / 2 } else { 1 };
                    tokio::select! {
                        () = this.stop.cancelled() => {}
                        () = places.wait(most, wanted) => {}
                    }
                }
            }
        }
    }

    async fn claim(&self, shares: &mut Shares, free: usize) -> Result<Claimed> {
        let claim = Claim {
            worker: self.setup.name.clone(),
            kinds: self.setup.handlers.kinds(),
            queues: shares.deal(free),
            total: free,
            lease: *self.setup.config.lease,
        };
        self.setup.store.claim(&claim).await
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = sleep(wait) => {}
        }
    }

    async fn idle(&self, wait: Duration) {
        tokio::select! {
            () = self.work.notified() => {}
            () = self.pause(wait) => {}
        }
    }

    /// The jobs that may run. Those that may not run together with another one are back in the store before any begins.
    async fn apart(
        &self,
        jobs: Vec<JobRecord>,
        strikes: &Strikes,
        asked: Instant,
    ) -> Vec<(JobRecord, Strike)> {
        let jobs = jobs.into_iter().map(|record| {
            let strike = strikes.of(&record);
            (record, strike)
        });
        let (put_off, jobs): (Vec<_>, Vec<_>) =
            jobs.partition(|(_, strike)| matches!(strike, Strike::PutOff));
        if put_off.is_empty() {
            return jobs;
        }
        let (ends, series): (Vec<Finish>, Vec<Arc<Series>>) = put_off
            .into_iter()
            .map(|(record, _)| {
                let series = self.setup.metrics.series(&record.queue, &record.kind);
                let hold = Hold::new(&record, asked, *self.setup.config.lease);
                self.holds.add(&hold);
                let end = self
                    .judge(&Arc::new(record))
                    .finish(End::Snooze(PUT_OFF), None);
                (end, series)
            })
            .unzip();
        match self.setup.store.finish(&ends).await {
            Ok(verdicts) => {
                for ((end, series), verdict) in ends.iter().zip(&series).zip(verdicts) {
                    self.holds.remove(end.lease);
                    match verdict {
                        Verdict::Applied => series.finished(end),
                        Verdict::Stale => self.setup.metrics.stale(1),
                    }
                }
            }
            Err(_) => {
                let holds = self.holds.all();
                for (end, series) in ends.into_iter().zip(series) {
                    if let Some(hold) = holds.iter().find(|it| it.lease == end.lease) {
                        self.finisher.record(end, Arc::clone(hold), series);
                    }
                }
            }
        }
        jobs
    }

    /// Starts a job in a task of its own, which waits for a place if all are taken.
    fn start(
        self: &Arc<Self>,
        record: JobRecord,
        strike: Strike,
        asked: Instant,
        places: &Arc<Places>,
    ) {
        let hold = Hold::new(&record, asked, *self.setup.config.lease);
        self.holds.add(&hold);
        let place = places.take();
        let (this, places) = (Arc::clone(self), Arc::clone(places));
        self.tasks.spawn(async move {
            let record = Arc::new(record);
            this.carry(&record, &hold, &places.running).await;
            drop((strike, place));
        });
    }

    async fn carry(&self, record: &Arc<JobRecord>, hold: &Arc<Hold>, running: &Semaphore) {
        let place = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = hold.token.cancelled() => None,
            place = running.acquire() => place.ok(),
        };
        let metrics = &self.setup.metrics;
        let series = metrics.series(&record.queue, &record.kind);
        let finish = match place {
            Some(_) => {
                let _busy = metrics.busy();
                series.started(record);
                let begun = Instant::now();
                let finish = attempt(&self.setup, record, hold, &self.abort).await;
                series.ran(begun.elapsed());
                finish
            }
            None if hold.is_lost() => None,
            // a store makes a job that was called off cancelled
            None => Some(self.judge(record).finish(End::HandBack, None)),
        };
        match finish {
            Some(finish) => self.finisher.record(finish, Arc::clone(hold), series),
            None => self.holds.remove(hold.lease),
        }
    }

    fn judge<'a>(&'a self, record: &'a Arc<JobRecord>) -> Judge<'a> {
        Judge {
            setup: &self.setup,
            record,
            backoff: Backoff::default(),
        }
    }
}

/// Passes on what the store says; never ends, unless the store can say nothing.
pub(super) async fn listen(setup: Arc<Setup>, work: Arc<Notify>, control: Arc<Notify>) {
    loop {
        match setup.store.listen().await {
            Ok(Some(mut wake)) => loop {
                match wake.next().await {
                    Signal::Work(_) => work.notify_one(),
                    Signal::Control => {
                        control.notify_one();
                        setup.look_at_schedules();
                    }
                    Signal::Gap => {
                        work.notify_one();
                        control.notify_one();
                        setup.look_at_schedules();
                    }
                }
            },
            Ok(None) => return,
            Err(_) => sleep(Duration::from_secs(1)).await,
        }
    }
}

/// Tells every handler that still runs to end, because the worker stops.
pub(super) fn end_all(holds: &Holds) {
    for hold in holds.all() {
        hold.end(Why::Stopping);
    }
}
