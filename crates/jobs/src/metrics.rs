//! The metrics of jobs: see [`atlas_telemetry::names::jobs`].

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use atlas_core::Component;
use atlas_telemetry::names::{
    Metric,
    jobs::{self, label},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
};

use crate::{
    FailureKind, JobRecord, Reason, State,
    clock::between,
    handler::split,
    store::{End, Enqueued, Finish, NewJob, Rescued, Stats},
};

/// The most pairs of a queue and a kind; what comes later counts as one.
const MOST: usize = 500;

/// The most pairs that are counted from 0 before there is a job of them.
const FORESEEN: usize = 100;

/// What comes next, in the order of [`outcome`].
const OUTCOMES: [&str; 6] = ["done", "retry", "snooze", "hand_back", "cancelled", "dead"];

/// What becomes of a job that is enqueued, in the order of [`Added`].
const ADDED: [&str; 5] = ["added", "existing", "changed", "failed", "fired"];

/// What becomes of a job that is enqueued.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Added {
    /// It is there.
    New,
    /// It, or one with its key, was there.
    Existing,
    /// One with its key was changed.
    Changed,
    /// It is not there.
    Failed,
    /// A schedule has fired it, and does not learn more.
    Fired,
}

impl From<Enqueued> for Added {
    fn from(enqueued: Enqueued) -> Self {
        match enqueued {
            Enqueued::New(..) => Self::New,
            Enqueued::Existing(_) => Self::Existing,
            Enqueued::Changed(_) => Self::Changed,
        }
    }
}

/// What a process counts of its jobs: a component, and a collector of metrics. Its clones are the same.
#[derive(Clone, Debug, Default)]
pub struct JobMetrics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    series: RwLock<HashMap<String, HashMap<String, Arc<Series>>>>,
    stale: AtomicU64,
    busy: AtomicI64,
    stats: Mutex<Option<Stats>>,
}

impl Component for JobMetrics {}

impl JobMetrics {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is counted of the jobs of a kind in a queue.
    pub(crate) fn series(&self, queue: &str, kind: &str) -> Arc<Series> {
        let (kind, _) = split(kind);
        let series = self.0.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = series.get(queue).and_then(|it| it.get(kind)) {
            return Arc::clone(found);
        }
        let count: usize = series.values().map(HashMap::len).sum();
        drop(series);
        let (queue, kind) = match count < MOST {
            true => (queue, kind),
            false => (label::OTHER, label::OTHER),
        };
        let mut series = self
            .0
            .series
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let kinds = series.entry(queue.to_owned()).or_default();
        Arc::clone(kinds.entry(kind.to_owned()).or_default())
    }

    /// Counts from 0 what may happen to jobs of these kinds in these queues, if that is not too much: an alert sees the first
    /// one that dies only if there was none before.
    pub(crate) fn foresee(&self, queues: &[&str], kinds: &[&str]) {
        if queues.len() * kinds.len() > FORESEEN {
            return;
        }
        for queue in queues {
            for kind in kinds {
                self.series(queue, kind);
            }
        }
    }

    /// What is counted of each of these jobs, in their order.
    pub(crate) fn series_of(&self, jobs: &[NewJob]) -> Vec<Arc<Series>> {
        let mut all: Vec<Arc<Series>> = Vec::with_capacity(jobs.len());
        let mut before: Option<&NewJob> = None;
        for job in jobs {
            let same = before.filter(|it| it.queue == job.queue && it.kind == job.kind);
            let series = match (same, all.last()) {
                (Some(_), Some(last)) => Arc::clone(last),
                _ => self.series(&job.queue, &job.kind),
            };
            all.push(series);
            before = Some(job);
        }
        all
    }

    /// Counts results that came too late.
    pub(crate) fn stale(&self, count: u64) {
        self.0.stale.fetch_add(count, Relaxed);
    }

    /// Counts a job that runs, until what is returned is dropped.
    pub(crate) fn busy(&self) -> Busy {
        self.0.busy.fetch_add(1, Relaxed);
        Busy(self.clone())
    }

    /// Counts a job that was taken back from a dead worker.
    pub(crate) fn crashed(&self, job: &Rescued) {
        let series = self.series(&job.queue, &job.kind);
        series.crashes.fetch_add(1, Relaxed);
        if job.dead {
            series.died(Reason::CrashLoop);
        }
    }

    /// Keeps what a store has counted.
    pub(crate) fn counted(&self, stats: &Stats) {
        *self.0.stats.lock().unwrap_or_else(PoisonError::into_inner) = Some(stats.clone());
    }
}

/// A job that runs.
#[must_use]
pub(crate) struct Busy(JobMetrics);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.busy.fetch_sub(1, Relaxed);
    }
}

/// What is counted of the jobs of a kind in a queue.
#[derive(Debug, Default)]
pub(crate) struct Series {
    added: [AtomicU64; ADDED.len()],
    finished: [AtomicU64; OUTCOMES.len()],
    failures: [AtomicU64; FailureKind::ALL.len()],
    dead: [AtomicU64; Reason::ALL.len()],
    crashes: AtomicU64,
    wait: Histogram,
    run: Histogram,
}

impl Series {
    /// Counts a job that was to be enqueued.
    pub(crate) fn added(&self, what: Added) {
        self.added[what as usize].fetch_add(1, Relaxed);
    }

    /// Counts how long a job has waited.
    pub(crate) fn started(&self, record: &JobRecord) {
        let started = record.started_at.unwrap_or(record.run_at);
        self.wait.observe(between(record.run_at, started));
    }

    /// Counts how long an attempt has taken.
    pub(crate) fn ran(&self, took: Duration) {
        self.run.observe(took);
    }

    /// Counts an end that is recorded.
    pub(crate) fn finished(&self, finish: &Finish) {
        self.finished[outcome(&finish.end)].fetch_add(1, Relaxed);
        if let Some(failure) = &finish.failure {
            let at = FailureKind::ALL.iter().position(|it| *it == failure.kind);
            self.failures[at.unwrap_or(0)].fetch_add(1, Relaxed);
        }
        if let End::Dead(reason) = finish.end {
            self.died(reason);
        }
    }

    /// Counts a run that its handler has recorded itself.
    pub(crate) fn completed(&self) {
        self.finished[0].fetch_add(1, Relaxed);
    }

    fn died(&self, reason: Reason) {
        let at = Reason::ALL.iter().position(|it| *it == reason);
        self.dead[at.unwrap_or(0)].fetch_add(1, Relaxed);
    }
}

/// What comes next, in one word.
pub(crate) fn outcome_name(end: &End) -> &'static str {
    OUTCOMES[outcome(end)]
}

fn outcome(end: &End) -> usize {
    match end {
        End::Done => 0,
        End::Retry(_) => 1,
        End::Snooze(_) => 2,
        End::HandBack => 3,
        End::Cancelled(_) => 4,
        End::Dead(_) => 5,
    }
}

/// Counts durations by size, without a lock.
#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; jobs::BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = jobs::BUCKETS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Relaxed);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Relaxed);
    }

    fn is_empty(&self) -> bool {
        self.buckets.iter().all(|it| it.load(Relaxed) == 0)
    }

    fn encode(&self, mut metric: MetricEncoder<'_>) -> fmt::Result {
        let bounds = jobs::BUCKETS.iter().copied().chain([f64::INFINITY]);
        let counts = self.buckets.iter().map(|it| it.load(Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_micros(self.micros.load(Relaxed)).as_secs_f64();
        metric.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }
}

type Found = Vec<(String, String, Arc<Series>)>;

impl Inner {
    fn all(&self) -> Found {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = Found::new();
        for (queue, kinds) in &*series {
            for (kind, series) in kinds {
                all.push((queue.clone(), kind.clone(), Arc::clone(series)));
            }
        }
        all.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        all
    }
}

impl Collector for JobMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all = self.0.all();
        by(&mut encoder, jobs::ENQUEUED, &all, &ADDED, |it| &it.added)?;
        count(&mut encoder, jobs::CRASHES, &all, |it| &it.crashes)?;
        by(&mut encoder, jobs::FINISHED, &all, &OUTCOMES, |it| {
            &it.finished
        })?;
        let kinds = FailureKind::ALL.map(FailureKind::name);
        by(&mut encoder, jobs::FAILURES, &all, &kinds, |it| {
            &it.failures
        })?;
        let reasons = Reason::ALL.map(Reason::name);
        by(&mut encoder, jobs::DEAD, &all, &reasons, |it| &it.dead)?;
        jobs::STALE.describe(&mut encoder, |mut metric| {
            metric.encode_counter::<NoLabelSet, u64, u64>(&self.0.stale.load(Relaxed), None)
        })?;
        durations(&mut encoder, jobs::WAIT, &all, |it| &it.wait)?;
        durations(&mut encoder, jobs::RUN, &all, |it| &it.run)?;
        jobs::BUSY.describe(&mut encoder, |mut metric| {
            metric.encode_gauge(&self.0.busy.load(Relaxed))
        })?;
        let stats = self.0.stats.lock().unwrap_or_else(PoisonError::into_inner);
        match stats.clone() {
            Some(stats) => depths(&mut encoder, &stats),
            None => Ok(()),
        }
    }
}

fn count(
    encoder: &mut DescriptorEncoder<'_>,
    metric: Metric,
    all: &Found,
    value: fn(&Series) -> &AtomicU64,
) -> fmt::Result {
    metric.describe(encoder, |mut family| {
        for (queue, kind, series) in all {
            let labels = [(label::QUEUE, queue.as_str()), (label::KIND, kind)];
            let value = value(series).load(Relaxed);
            family
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, u64, u64>(&value, None)?;
        }
        Ok(())
    })
}

fn by<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    metric: Metric,
    all: &Found,
    names: &[&str; N],
    values: fn(&Series) -> &[AtomicU64; N],
) -> fmt::Result {
    let third = metric.labels.last().copied().unwrap_or_default();
    metric.describe(encoder, |mut family| {
        for (queue, kind, series) in all {
            for (name, value) in names.iter().zip(values(series)) {
                let value = value.load(Relaxed);
                let labels = [
                    (label::QUEUE, queue.as_str()),
                    (label::KIND, kind),
                    (third, name),
                ];
                family
                    .encode_family(&labels)?
                    .encode_counter::<NoLabelSet, u64, u64>(&value, None)?;
            }
        }
        Ok(())
    })
}

fn durations(
    encoder: &mut DescriptorEncoder<'_>,
    metric: Metric,
    all: &Found,
    value: fn(&Series) -> &Histogram,
) -> fmt::Result {
    metric.describe(encoder, |mut family| {
        for (queue, kind, series) in all {
            let labels = [(label::QUEUE, queue.as_str()), (label::KIND, kind)];
            let histogram = value(series);
            if !histogram.is_empty() {
                histogram.encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    })
}

fn depths(encoder: &mut DescriptorEncoder<'_>, stats: &Stats) -> fmt::Result {
    let queues = || stats.queues.iter().take(MOST);
    jobs::DEPTH.describe(encoder, |mut family| {
        for (queue, found) in queues() {
            for state in [State::Scheduled, State::Available, State::Running] {
                let labels = [(label::QUEUE, queue.as_str()), (label::STATE, state.name())];
                let count = found.jobs.get(&state).copied().unwrap_or(0);
                family
                    .encode_family(&labels)?
                    .encode_gauge(&i64::try_from(count).unwrap_or(i64::MAX))?;
            }
        }
        Ok(())
    })?;
    jobs::OLDEST.describe(encoder, |mut family| {
        for (queue, found) in queues() {
            let labels = [(label::QUEUE, queue.as_str())];
            let oldest = found.oldest.unwrap_or_default().as_secs_f64();
            family.encode_family(&labels)?.encode_gauge(&oldest)?;
        }
        Ok(())
    })
}
