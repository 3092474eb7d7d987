//! A primary and its replicas: who may answer a read.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    marks::{Marks, Need, Writing},
    moment::Moment,
    position::Position,
    replica::{Learned, Replica},
    samples::{Sample, Samples},
};

/// How long beyond the allowed lag a session is remembered. A replica that lacks what was committed so long ago does not
/// serve anybody, so nobody can notice that a session was forgotten.
const MEMORY: Duration = Duration::from_secs(60);

/// When replicas are asked, and how far they may lag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Within this time a replica that does not answer is out of the rotation.
    pub(crate) check_interval: Duration,
    /// One that lags more is out of the rotation.
    pub(crate) max_lag: Duration,
}

impl Rules {
    /// The time from one check to the next, and how long one may take: together a little less than the interval, so that a
    /// task that is woken late is still in time.
    pub(super) fn period(&self) -> Duration {
        (self.check_interval * 9 / 20).max(Duration::from_millis(1))
    }

    /// The shortest time from one check to the next, when there is a reason to hurry.
    pub(super) fn pause(&self) -> Duration {
        (self.check_interval / 50).clamp(Duration::from_millis(1), Duration::from_millis(50))
    }
}

/// What is known about the servers, apart from the connections to them.
pub(crate) struct Cluster {
    /// Tells the databases of a process apart.
    id: u64,
    rules: Rules,
    replicas: Vec<Replica>,
    next: AtomicUsize,
    samples: Mutex<Samples>,
    /// When the newest sample was asked for.
    sampled: AtomicU64,
    /// Wakes the watcher of the primary: somebody waits for a newer sample.
    pub(super) wanted: Notify,
    /// The session of all code that belongs to no unit of work.
    outside: Arc<Marks>,
    sessions: Mutex<Named>,
}

/// The named sessions.
#[derive(Default)]
struct Named {
    all: HashMap<String, Arc<Marks>>,
    /// When there are so many, those that nobody needs are forgotten.
    limit: usize,
}

/// A replica that may answer a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Which one.
    pub(crate) replica: usize,
    /// Until when the choice holds: see [`Replica::is_still`].
    pub(crate) epoch: u64,
}

impl Cluster {
    /// Replicas at these places, about which nothing is known yet.
    pub(crate) fn new(id: u64, rules: Rules, places: impl IntoIterator<Item = String>) -> Self {
        let replicas = places.into_iter().enumerate();
        let replica = |(at, place)| Replica::new(format!("replica-{}", at + 1), place);
        Self {
            id,
            rules,
            replicas: replicas.map(replica).collect(),
            next: AtomicUsize::new(0),
            samples: Mutex::new(Samples::new(rules.max_lag + MEMORY)),
            sampled: AtomicU64::new(0),
            wanted: Notify::new(),
            outside: Arc::default(),
            sessions: Mutex::default(),
        }
    }

    /// When replicas are asked, and how far they may lag.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// All replicas.
    pub(crate) fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    /// What a read of the calling code must see.
    pub(crate) fn need(&self) -> Need {
        Need::of_caller(self.id, &self.outside)
    }

    /// A write of the calling code.
    pub(crate) fn writing(&self) -> Writing {
        Writing::of_caller(self.id, &self.outside)
    }

    /// The next replica in turn that has what a read must see, and does not lag too much; `None` is the primary.
    pub(crate) fn choose(&self, need: &Need) -> Option<Choice> {
        if need.primary {
            return None;
        }
        let now = Moment::now();
        let max_lag = self.rules.max_lag;
        let flushed = now.minus(max_lag);
        let written = need.written.max(now.minus(max_lag + MEMORY));
        let count = self.replicas.len();
        let first = self.next.fetch_add(1, Ordering::Relaxed) % count.max(1);
        let turn = (first..count).chain(0..first);
        for replica in turn {
            let serves = self.replicas[replica].serves(flushed, written, need.position.as_ref());
            if let Some(epoch) = serves {
                return Some(Choice { replica, epoch });
            }
        }
        // without a newer sample nobody can know that a replica has what the caller wrote
        if need.written.bits() > self.sampled.load(Ordering::Acquire) {
            self.wanted.notify_one();
        }
        None
    }

    /// Takes a sample of the primary.
    pub(crate) fn sampled(&self, sample: Sample) {
        let asked = sample.asked;
        self.samples().push(sample);
        self.sampled.store(asked.bits(), Ordering::Release);
        for replica in &self.replicas {
            if replica.is_in_rotation() {
                replica.nudged.notify_one();
            }
        }
    }

    /// Takes what a replica told.
    pub(crate) fn told(&self, replica: &Replica, ticket: u64, position: Position) -> Learned {
        replica.learn(ticket, position, &self.samples())
    }

    /// The session of a name; made when there is none, and remembered for as long as it can matter.
    pub(crate) fn session(&self, name: String) -> Arc<Marks> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(marks) = sessions.all.get(&name) {
            return Arc::clone(marks);
        }
        if sessions.all.len() >= sessions.limit {
            let forgotten = Moment::now().minus(self.rules.max_lag + MEMORY);
            let is_needed =
                |marks: &Arc<Marks>| Arc::strong_count(marks) > 1 || marks.written() > forgotten;
            sessions.all.retain(|_, marks| is_needed(marks));
            sessions.limit = (sessions.all.len() * 2).max(1024);
        }
        let marks = Arc::<Marks>::default();
        sessions.all.insert(name, Arc::clone(&marks));
        marks
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        // samples are pushed in one go, so a panic elsewhere does not spoil them
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<&str> = self.replicas.iter().map(Replica::place).collect();
        f.debug_struct("Cluster")
            .field("replicas", &places)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::{super::samples::Standing, Cluster, Marks, Moment, Need, Position, Rules, Sample};

    fn at(lsn: u64) -> Position {
        format!("postgresql:0/{lsn:X}").parse().unwrap()
    }

    fn cluster(replicas: usize, max_lag: Duration) -> Cluster {
        let rules = Rules {
            check_interval: Duration::from_millis(10),
            max_lag,
        };
        Cluster::new(1, rules, (0..replicas).map(|it| it.to_string()))
    }

    fn ask(cluster: &Cluster, lsn: u64) {
        let asked = Moment::now();
        let (flushed, written) = (at(lsn), at(lsn));
        let standing = Standing { flushed, written };
        cluster.sampled(Sample { asked, standing });
    }

    fn tell(cluster: &Cluster, replica: usize, lsn: u64) {
        let replica = &cluster.replicas()[replica];
        cluster.told(replica, replica.ticket(), at(lsn));
    }

    /// All replicas have everything.
    fn current(replicas: usize, max_lag: Duration) -> Cluster {
        let cluster = cluster(replicas, max_lag);
        for _ in 0..2 {
            (0..replicas).for_each(|it| tell(&cluster, it, 10));
            ask(&cluster, 10);
        }
        (0..replicas).for_each(|it| tell(&cluster, it, 10));
        cluster
    }

    fn chosen(cluster: &Cluster, need: &Need) -> BTreeMap<Option<usize>, usize> {
        let mut counts = BTreeMap::new();
        for _ in 0..300 {
            let replica = cluster.choose(need).map(|it| it.replica);
            *counts.entry(replica).or_default() += 1;
        }
        counts
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn replicas_take_turns() {
        let cluster = current(3, HOUR);
        let turns = BTreeMap::from([(Some(0), 100), (Some(1), 100), (Some(2), 100)]);
        assert_eq!(chosen(&cluster, &Need::default()), turns);
    }

    #[test]
    fn one_that_was_lost_is_left_out_and_without_any_the_primary_answers() {
        let cluster = current(2, HOUR);
        cluster.replicas()[0].lose(&"gone");
        assert_eq!(
            chosen(&cluster, &Need::default()),
            BTreeMap::from([(Some(1), 300)])
        );
        cluster.replicas()[1].lose(&"gone");
        assert_eq!(
            chosen(&cluster, &Need::default()),
            BTreeMap::from([(None, 300)])
        );
    }

    #[test]
    fn one_that_lags_too_much_is_left_out_even_if_nobody_checks_any_more() {
        let cluster = current(1, Duration::from_millis(50));
        assert!(cluster.choose(&Need::default()).is_some());
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(cluster.choose(&Need::default()), None);
        ask(&cluster, 10);
        tell(&cluster, 0, 10);
        assert!(cluster.choose(&Need::default()).is_some());
    }

    #[test]
    fn only_those_that_have_a_write_answer_for_it() {
        let cluster = current(2, HOUR);
        let need = Need {
            written: Moment::now(),
            ..Need::default()
        };
        assert_eq!(chosen(&cluster, &need), BTreeMap::from([(None, 300)]));
        ask(&cluster, 20);
        tell(&cluster, 0, 15);
        tell(&cluster, 1, 20);
        assert_eq!(chosen(&cluster, &need), BTreeMap::from([(Some(1), 300)]));
        tell(&cluster, 0, 20);
        assert_eq!(chosen(&cluster, &need).len(), 2);
    }

    #[test]
    fn a_pinned_read_goes_to_the_primary() {
        let cluster = current(2, HOUR);
        let need = Need {
            primary: true,
            ..Need::default()
        };
        assert_eq!(chosen(&cluster, &need), BTreeMap::from([(None, 300)]));
    }

    #[test]
    fn sessions_of_the_same_name_are_one_and_the_idle_are_forgotten() {
        let cluster = current(1, HOUR);
        let first = cluster.session("ann".into());
        assert!(std::sync::Arc::ptr_eq(
            &first,
            &cluster.session("ann".into())
        ));
        for name in 0..100_000 {
            cluster.session(name.to_string());
        }
        let remembered = cluster.sessions.lock().unwrap().all.len();
        assert!(remembered <= 2048, "{remembered}");
        assert!(
            std::sync::Arc::ptr_eq(&first, &cluster.session("ann".into())),
            "it is in use"
        );
        assert_eq!(Marks::default().written(), Moment::NEVER);
    }
}
