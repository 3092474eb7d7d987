//! Values for one object.

use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};

use super::seed;

/// Words that are short, harmless and easily told apart.
const WORDS: [&str; 32] = [
    "amber", "basil", "cedar", "dune", "ember", "fern", "grove", "harbor", "iris", "juniper",
    "kelp", "linen", "maple", "nectar", "olive", "pebble", "quartz", "river", "sage", "thyme",
    "umber", "velvet", "willow", "yarrow", "zephyr", "birch", "coral", "drift", "flint", "hazel",
    "lilac", "moss",
];

/// What a definition draws the values of one object from.
///
/// The same seed draws the same values for the n-th object of a type in a test, whatever other tests do.
#[derive(Debug)]
pub struct Draw {
    number: u64,
    state: u64,
}

impl Draw {
    pub(super) fn next<T: 'static>() -> Self {
        let (number, state) = seed::next::<T>();
        Self { number, state }
    }

    /// The number of this object: the first one of its type in a test has 1, and no two have the same.
    pub fn sequence(&self) -> u64 {
        self.number
    }

    /// 64 random bits, for what the other methods do not draw: `Uuid::from_u64_pair(draw.bits(), draw.bits())`.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        seed::mix(self.state)
    }

    /// A whole number of a range, such as `1..=6`.
    ///
    /// # Panics
    /// When the range is empty, or open at an end.
    #[track_caller]
    pub fn number<N>(&mut self, range: impl RangeBounds<N> + Debug) -> N
    where
        N: Copy + Into<i64> + TryFrom<i64>,
    {
        let first = match range.start_bound() {
            Bound::Included(it) => Some((*it).into()),
            Bound::Excluded(it) => Into::<i64>::into(*it).checked_add(1),
            Bound::Unbounded => None,
        };
        let last = match range.end_bound() {
            Bound::Included(it) => Some((*it).into()),
            Bound::Excluded(it) => Into::<i64>::into(*it).checked_sub(1),
            Bound::Unbounded => None,
        };
        let ends = first.zip(last).filter(|(first, last)| first <= last);
        assert!(ends.is_some(), "no number can be drawn from {range:?}");
        let (first, last) = ends.unwrap_or_default();
        let size = last.abs_diff(first);
        let step = match size.checked_add(1) {
            Some(size) => self.bits() % size,
            None => self.bits(),
        };
        let drawn = first.wrapping_add_unsigned(step);
        let Ok(number) = N::try_from(drawn) else {
            unreachable!("it lies between two numbers of the type")
        };
        number
    }

    /// Yes, in so many of a hundred cases.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.bits() % 100 < u64::from(percent)
    }

    /// One of the values.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn pick<V: Clone>(&mut self, values: &[V]) -> V {
        assert!(!values.is_empty(), "there is nothing to pick from");
        values[(self.bits() % values.len() as u64) as usize].clone()
    }

    /// A word, such as `juniper`.
    pub fn word(&mut self) -> &'static str {
        self.pick(&WORDS)
    }

    /// Some words, such as `river sage flint`.
    pub fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }

    /// So many small letters.
    pub fn letters(&mut self, count: usize) -> String {
        let letters = (0..count).map(|_| char::from(b'a' + (self.bits() % 26) as u8));
        letters.collect()
    }
}
