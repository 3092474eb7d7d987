//! What is known about one replica.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::{moment::Moment, position::Position, samples::Samples};

/// One replica: what a read must know of it, as atomics, and what its watcher knows.
///
/// It is in the rotation while `flushed` is not older than the allowed lag. Everything that shakes the trust in it (a lost
/// connection, a check without an answer, data that are older than they were) sets both moments to "never", which takes
/// it out of the rotation at once, until the next check.
pub(crate) struct Replica {
    name: String,
    place: String,
    /// It has everything that was on the primary's disk at this moment.
    flushed: AtomicU64,
    /// It has everything that was committed on the primary at this moment.
    written: AtomicU64,
    /// Counts the times that trust was lost: a choice made before is void.
    epoch: AtomicU64,
    /// As `flushed`, but not forgotten.
    last_flushed: AtomicU64,
    /// Reads that it answered.
    reads: AtomicU64,
    /// The reason for which it is out was logged.
    complained: AtomicBool,
    known: Mutex<Known>,
    /// Wakes its watcher.
    pub(super) nudged: Notify,
}

/// What its watcher knows.
#[derive(Default)]
struct Known {
    /// Connections opened so far. A restarted replica breaks all that are open, so whatever was learned before the latest
    /// one was opened may be about a server that is no more.
    opened: u64,
    position: Option<Position>,
    /// When the position was told.
    told: Moment,
    /// The primary, asked later, did not contradict it.
    trusted: bool,
}

/// What a check brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// It has everything that the newest sample of the primary has.
    Current,
    /// It does not, or the primary must be asked first.
    Behind,
    /// A connection was opened meanwhile, so the answer may be about a server that is no more.
    Void,
    /// It has what the primary does not.
    Diverged,
}

impl Replica {
    /// One about which nothing is known, and which is not in the rotation.
    pub(crate) fn new(name: String, place: String) -> Self {
        Self {
            name,
            place,
            flushed: AtomicU64::new(0),
            written: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            last_flushed: AtomicU64::new(Moment::now().bits()),
            reads: AtomicU64::new(0),
            complained: AtomicBool::new(false),
            known: Mutex::default(),
            nudged: Notify::new(),
        }
    }

    /// Its name in metrics: `replica-1`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Host and database, for words.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Says whether it has what the primary had at `flushed`, what was committed by `written`, and all up to `position`; with
    /// what [`is_still`](Self::is_still) wants to know once a connection was had.
    pub(crate) fn serves(
        &self,
        flushed: Moment,
        written: Moment,
        position: Option<&Position>,
    ) -> Option<u64> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let is_at_least =
            |at: &AtomicU64, least: Moment| Moment::from_bits(at.load(Ordering::Acquire)) >= least;
        let serves = self.is_in_rotation()
            && is_at_least(&self.flushed, flushed)
            && is_at_least(&self.written, written)
            && position.is_none_or(|wanted| self.covers(wanted));
        serves.then_some(epoch)
    }

    fn covers(&self, wanted: &Position) -> bool {
        let known = self.known();
        known.position.as_ref().is_some_and(|it| it.covers(wanted))
    }

    /// Says whether nothing happened since [`serves`](Self::serves) that voids its answer. Connections are checked when
    /// they are opened, so one that was had before this question is one to a server that has what was promised.
    pub(crate) fn is_still(&self, epoch: u64) -> bool {
        self.epoch.load(Ordering::Acquire) == epoch
    }

    /// Says whether it is trusted; whether it lags is another question.
    pub(crate) fn is_in_rotation(&self) -> bool {
        self.flushed.load(Ordering::Acquire) != Moment::NEVER.bits()
    }

    /// How far it lags: the age of the newest state of the primary that it is known to have had.
    pub(crate) fn lag(&self) -> Duration {
        let last = Moment::from_bits(self.last_flushed.load(Ordering::Relaxed));
        Moment::now().since(last)
    }

    /// Reads that it answered.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Counts a read that it answered.
    pub(crate) fn count_read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes it out of the rotation until a check succeeds.
    ///
    /// Its watcher is not woken: who lost a connection in use does that.
    pub(crate) fn lose(&self, reason: &dyn fmt::Display) {
        self.distrust(&mut self.known());
        self.complain(reason);
    }

    /// Logs that it is in the rotation again, or that it lags too much to be.
    pub(crate) fn report(&self, max_lag: Duration) {
        if self.is_in_rotation() && self.lag() > max_lag {
            self.complain(&"it lags more than `database.max_lag`");
        } else if self.is_in_rotation() && self.complained.swap(false, Ordering::Relaxed) {
            tracing::info!(target: "atlas::db", replica = %self.place, "the replica answers reads");
        }
    }

    /// Notes that a connection was opened, and where the server at its end stood, which it was asked for at `asked`. When that
    /// is behind what was known, the server is another, or has other data: nothing that was known holds any more.
    ///
    /// Says whether the answer could be judged. A check that was answered meanwhile may have overtaken it: the server has to
    /// be asked again.
    #[must_use]
    pub(crate) fn opened(&self, asked: Moment, position: &Position) -> bool {
        let mut known = self.known();
        let went_back = |before: &Position| !position.covers(before);
        let went_back = known.position.as_ref().is_some_and(went_back);
        if went_back && known.told > asked {
            return false;
        }
        known.opened += 1;
        if went_back {
            self.distrust(&mut known);
            drop(known);
            self.complain(&WENT_BACK);
            self.nudged.notify_one();
        }
        true
    }

    /// What [`learn`](Self::learn) wants to know about the time at which the question was sent.
    pub(crate) fn ticket(&self) -> u64 {
        self.known().opened
    }

    /// Takes the answer of a check.
    pub(crate) fn learn(&self, ticket: u64, position: Position, samples: &Samples) -> Learned {
        let mut known = self.known();
        if known.opened != ticket {
            return Learned::Void;
        }
        if known
            .position
            .as_ref()
            .is_some_and(|before| !position.covers(before))
        {
            self.distrust(&mut known);
            self.complain(&WENT_BACK);
        }
        // only a sample that was asked for after the replica had told its position must have all of it
        let later = samples.newest().filter(|it| it.asked >= known.told);
        if let (Some(told), Some(later)) = (&known.position, later) {
            if told.contradicts(&later.standing.flushed) {
                self.distrust(&mut known);
                // where it stands now is for the next check to compare
                (known.position, known.told) = (Some(position), Moment::now());
                return Learned::Diverged;
            }
            known.trusted = true;
        }
        let flushed = samples.newest_that(|it| position.covers(&it.flushed));
        let written = samples.newest_that(|it| position.covers(&it.written));
        (known.position, known.told) = (Some(position), Moment::now());
        let newest = samples.newest().map_or(Moment::NEVER, |it| it.asked);
        if !known.trusted || flushed == Moment::NEVER {
            return Learned::Behind;
        }
        self.written.fetch_max(written.bits(), Ordering::AcqRel);
        self.flushed.fetch_max(flushed.bits(), Ordering::AcqRel);
        self.last_flushed
            .fetch_max(flushed.bits(), Ordering::Relaxed);
        match written >= newest {
            true => Learned::Current,
            false => Learned::Behind,
        }
    }

    /// Forgets what is known, under the lock that what is learned is taken under.
    fn distrust(&self, known: &mut Known) {
        (known.position, known.trusted) = (None, false);
        self.flushed.store(Moment::NEVER.bits(), Ordering::Release);
        self.written.store(Moment::NEVER.bits(), Ordering::Release);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Logs why it is out, once.
    pub(crate) fn complain(&self, reason: &dyn fmt::Display) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "atlas::db", replica = %self.place, %reason, "the replica answers no reads");
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // what is known is consistent after every statement under the lock
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const WENT_BACK: &str = "its data are older than they were: it was restored or replaced";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::samples::{Sample, Standing},
        Learned, Moment, Position, Replica, Samples,
    };

    fn at(lsn: u64) -> Position {
        format!("postgresql:0/{lsn:X}").parse().unwrap()
    }

    /// A primary that stands at each of these positions, asked one after the other.
    fn samples(positions: &[u64]) -> Samples {
        let mut samples = Samples::new(Duration::from_secs(60));
        for &lsn in positions {
            ask(&mut samples, lsn);
        }
        samples
    }

    fn ask(samples: &mut Samples, lsn: u64) -> Moment {
        let asked = Moment::now();
        let standing = Standing {
            flushed: at(lsn),
            written: at(lsn),
        };
        samples.push(Sample { asked, standing });
        asked
    }

    fn replica() -> Replica {
        Replica::new("replica-1".into(), "host/db".into())
    }

    fn learn(replica: &Replica, lsn: u64, samples: &Samples) -> Learned {
        replica.learn(replica.ticket(), at(lsn), samples)
    }

    fn serves(replica: &Replica, written: Moment) -> bool {
        replica.serves(Moment::NEVER, written, None).is_some()
    }

    #[test]
    fn it_serves_once_the_primary_did_not_contradict_it() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        assert!(!serves(&replica, Moment::NEVER));
        assert_eq!(
            learn(&replica, 10, &samples),
            Learned::Behind,
            "the primary was asked before"
        );
        assert!(!replica.is_in_rotation());
        let asked = ask(&mut samples, 10);
        assert_eq!(learn(&replica, 10, &samples), Learned::Current);
        assert!(serves(&replica, asked));
        assert!(
            !serves(&replica, Moment::now()),
            "of later writes nothing is known"
        );
    }

    #[test]
    fn a_write_is_seen_from_the_sample_on_that_was_asked_for_after_it() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        learn(&replica, 10, &samples);
        ask(&mut samples, 10);
        learn(&replica, 10, &samples);
        let write = Moment::now();
        ask(&mut samples, 20);
        assert_eq!(learn(&replica, 19, &samples), Learned::Behind);
        assert!(!serves(&replica, write) && serves(&replica, Moment::NEVER));
        assert_eq!(learn(&replica, 20, &samples), Learned::Current);
        assert!(serves(&replica, write));
        assert!(
            replica
                .serves(Moment::NEVER, write, Some(&at(20)))
                .is_some()
        );
        assert!(
            replica
                .serves(Moment::NEVER, write, Some(&at(21)))
                .is_none()
        );
    }

    #[test]
    fn a_lost_connection_takes_it_out_at_once_and_voids_choices() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        learn(&replica, 10, &samples);
        ask(&mut samples, 10);
        learn(&replica, 10, &samples);
        let epoch = replica.serves(Moment::NEVER, Moment::NEVER, None).unwrap();
        assert!(replica.is_still(epoch));
        replica.lose(&"gone");
        assert!(!replica.is_still(epoch) && !replica.is_in_rotation());
        assert_eq!(
            learn(&replica, 10, &samples),
            Learned::Behind,
            "trust begins anew"
        );
        ask(&mut samples, 10);
        assert_eq!(learn(&replica, 10, &samples), Learned::Current);
        assert!(replica.is_in_rotation());
    }

    #[test]
    fn a_server_that_came_back_with_older_data_is_not_trusted() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        learn(&replica, 10, &samples);
        let write = ask(&mut samples, 10);
        learn(&replica, 10, &samples);
        let epoch = replica.serves(Moment::NEVER, write, None).unwrap();
        let ticket = replica.ticket();
        assert!(replica.opened(Moment::now(), &at(10)));
        assert!(
            replica.is_still(epoch),
            "a further connection to the same server changes nothing"
        );
        assert_eq!(replica.learn(ticket, at(11), &samples), Learned::Void);
        assert!(replica.opened(Moment::now(), &at(9)));
        assert!(!replica.is_still(epoch) && !serves(&replica, Moment::NEVER));
        // it catches up
        ask(&mut samples, 10);
        assert_eq!(learn(&replica, 9, &samples), Learned::Behind);
        ask(&mut samples, 10);
        learn(&replica, 9, &samples);
        assert!(!serves(&replica, write), "it still lacks the write");
        assert_eq!(learn(&replica, 10, &samples), Learned::Current);
        assert!(serves(&replica, write));
    }

    #[test]
    fn an_answer_that_a_check_has_overtaken_is_asked_for_again() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        learn(&replica, 10, &samples);
        ask(&mut samples, 10);
        learn(&replica, 10, &samples);
        let asked = Moment::now();
        std::thread::sleep(Duration::from_millis(1));
        learn(&replica, 12, &samples);
        assert!(!replica.opened(asked, &at(11)));
        assert!(replica.is_in_rotation());
        std::thread::sleep(Duration::from_millis(1));
        assert!(replica.opened(Moment::now(), &at(12)));
        assert!(replica.is_in_rotation());
        assert!(replica.opened(Moment::now(), &at(11)), "it is in the past");
        assert!(!replica.is_in_rotation());
    }

    #[test]
    fn a_check_that_finds_older_data_counts_as_well() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        learn(&replica, 10, &samples);
        ask(&mut samples, 10);
        learn(&replica, 10, &samples);
        let epoch = replica.serves(Moment::NEVER, Moment::NEVER, None).unwrap();
        assert_eq!(learn(&replica, 5, &samples), Learned::Behind);
        assert!(!replica.is_still(epoch) && !replica.is_in_rotation());
    }

    #[test]
    fn one_that_is_ahead_of_its_primary_never_serves() {
        let (replica, mut samples) = (replica(), samples(&[10]));
        assert_eq!(learn(&replica, 15, &samples), Learned::Behind);
        ask(&mut samples, 12);
        assert_eq!(learn(&replica, 15, &samples), Learned::Diverged);
        ask(&mut samples, 14);
        assert_eq!(learn(&replica, 16, &samples), Learned::Diverged);
        assert!(!replica.is_in_rotation());
    }
}
