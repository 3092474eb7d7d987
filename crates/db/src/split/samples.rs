//! Where the primary stood, and when.

use std::{collections::VecDeque, time::Duration};

use super::{moment::Moment, position::Position};

/// Where the primary stood at some moment at or after `asked`.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Before the question was sent: what was committed then is in the answer.
    pub(crate) asked: Moment,
    /// The answer.
    pub(crate) standing: Standing,
}

/// Where a primary stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// What replicas may have: it is on the primary's disk.
    pub(crate) flushed: Position,
    /// Everything that was committed, also what PostgreSQL confirmed before it was on the disk
    /// (`synchronous_commit = off`).
    pub(crate) written: Position,
}

/// The samples of the recent past, oldest first.
#[derive(Debug)]
pub(crate) struct Samples {
    all: VecDeque<Sample>,
    /// The time from one sample that is kept to the next.
    spacing: Duration,
    /// How far they reach back.
    reach: Duration,
}

/// How many samples are kept at most, about.
const KEPT: u32 = 128;

impl Samples {
    /// No sample yet; later they will reach back so far.
    pub(crate) fn new(reach: Duration) -> Self {
        Self {
            all: VecDeque::new(),
            spacing: reach / KEPT,
            reach,
        }
    }

    /// Takes a newer sample. It takes the place of the one before when that followed too closely on its own predecessor.
    pub(crate) fn push(&mut self, sample: Sample) {
        let oldest = sample.asked.minus(self.reach);
        while self.all.len() > 1 && self.all.front().is_some_and(|it| it.asked < oldest) {
            self.all.pop_front();
        }
        let mut latest = self.all.iter().rev();
        if let (Some(last), Some(before)) = (latest.next(), latest.next())
            && last.asked.since(before.asked) < self.spacing
        {
            self.all.pop_back();
        }
        self.all.push_back(sample);
    }

    /// The newest.
    pub(crate) fn newest(&self) -> Option<&Sample> {
        self.all.back()
    }

    /// When the newest sample was asked for that fits; [`Moment::NEVER`] when none does.
    pub(crate) fn newest_that(&self, fits: impl Fn(&Standing) -> bool) -> Moment {
        let newest = self.all.iter().rev().find(|it| fits(&it.standing));
        newest.map_or(Moment::NEVER, |it| it.asked)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Moment, Position, Sample, Samples, Standing};

    const SECOND: u64 = 1_000_000_000;

    fn sample(nanos: u64, lsn: u64) -> Sample {
        let position: Position = format!("postgresql:0/{lsn:X}").parse().unwrap();
        Sample {
            asked: Moment::from_bits(nanos),
            standing: Standing {
                flushed: position.clone(),
                written: position,
            },
        }
    }

    #[test]
    fn what_a_replica_has_dates_from_the_newest_sample_it_covers() {
        let mut samples = Samples::new(Duration::from_secs(60));
        for at in 1..=5 {
            samples.push(sample(at * SECOND, at * 10));
        }
        let has = |lsn: u64| {
            let position = sample(0, lsn).standing.flushed;
            samples
                .newest_that(|it| position.covers(&it.flushed))
                .bits()
                / SECOND
        };
        assert_eq!(
            [has(5), has(10), has(39), has(40), has(99)],
            [0, 1, 3, 4, 5]
        );
        assert_eq!(samples.newest().unwrap().asked.bits(), 5 * SECOND);
    }

    #[test]
    fn however_often_it_is_asked_the_memory_is_bounded_and_the_past_kept() {
        let mut samples = Samples::new(Duration::from_secs(60));
        for at in 1..=200_000 {
            samples.push(sample(at * SECOND / 1000, at));
        }
        assert!(
            samples.all.len() <= 2 * super::KEPT as usize,
            "{}",
            samples.all.len()
        );
        let reach = samples.newest().unwrap().asked.since(samples.all[0].asked);
        assert!(reach >= Duration::from_secs(59), "{reach:?}");
        let mut before = Moment::NEVER;
        assert!(
            samples
                .all
                .iter()
                .all(|it| std::mem::replace(&mut before, it.asked) < it.asked)
        );
    }
}
