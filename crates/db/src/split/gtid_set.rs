//! Positions of MySQL: the set of all transactions that a server has.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::position::Unreadable;

/// A set of transactions: by source, and by tag within it, the numbers as intervals, such as
/// `3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:9:deploy:1-2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GtidSet(BTreeMap<Source, Intervals>);

/// The server that a transaction began on, and the tag it was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    server: u128,
    tag: String,
}

/// First and last number of each interval, ascending, with a gap between any two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Intervals(Vec<(u64, u64)>);

impl GtidSet {
    /// Nothing was written, or nothing is recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says whether a server with this set has everything that one with `other` has.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(source, wanted)| {
            self.0
                .get(source)
                .is_some_and(|intervals| intervals.covers(wanted))
        })
    }

    /// The least set that covers both.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (source, intervals) in &other.0 {
            let mine = self.0.entry(source.clone()).or_default();
            mine.0.extend(&intervals.0);
            mine.join();
        }
    }
}

impl Intervals {
    /// Both are ascending and have gaps, so one interval of these must hold each wanted one.
    fn covers(&self, wanted: &Self) -> bool {
        let mut mine = self.0.iter();
        let mut current = mine.next();
        wanted.0.iter().all(|(first, last)| {
            while current.is_some_and(|(_, end)| end < first) {
                current = mine.next();
            }
            current.is_some_and(|(start, end)| start <= first && last <= end)
        })
    }

    /// Orders the intervals and makes one of those that touch.
    fn join(&mut self) {
        self.0.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(self.0.len());
        for &(first, last) in &self.0 {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        self.0 = joined;
    }
}

impl FromStr for GtidSet {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut set = Self::default();
        if text.trim().is_empty() {
            return Ok(set);
        }
        for part in text.split(',') {
            let mut words = part.trim().split(':').map(str::trim);
            let server = words.next().and_then(server).ok_or(Unreadable)?;
            let mut tag = String::new();
            let mut intervals = 0;
            for word in words {
                if is_tag(word) {
                    tag = word.to_ascii_lowercase();
                    continue;
                }
                let interval = interval(word).ok_or(Unreadable)?;
                let source = Source {
                    server,
                    tag: tag.clone(),
                };
                set.0.entry(source).or_default().0.push(interval);
                intervals += 1;
            }
            if intervals == 0 {
                return Err(Unreadable);
            }
        }
        set.0.values_mut().for_each(Intervals::join);
        Ok(set)
    }
}

/// Reads a UUID, with or without dashes.
fn server(text: &str) -> Option<u128> {
    let digits: String = text.chars().filter(|it| *it != '-').collect();
    let is_hex = digits.len() == 32 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    is_hex
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten()
}

fn is_tag(word: &str) -> bool {
    word.len() <= 32
        && word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && word
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// Reads `7` or `1-5`.
fn interval(word: &str) -> Option<(u64, u64)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last): (u64, u64) = (number(first)?, number(last)?);
    (0 < first && first <= last).then_some((first, last))
}

impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<u128> = None;
        for (Source { server, tag }, intervals) in &self.0 {
            if before != Some(*server) {
                let comma = if before.is_some() { "," } else { "" };
                let hex = format!("{server:032x}");
                let groups = [
                    &hex[..8],
                    &hex[8..12],
                    &hex[12..16],
                    &hex[16..20],
                    &hex[20..],
                ];
                write!(f, "{comma}{}", groups.join("-"))?;
                before = Some(*server);
            }
            if !tag.is_empty() {
                write!(f, ":{tag}")?;
            }
            for (first, last) in &intervals.0 {
                match first == last {
                    true => write!(f, ":{first}")?,
                    false => write!(f, ":{first}-{last}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{GtidSet, Intervals, Source};

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    /// The set as single transactions: what the intervals stand for.
    type Model = BTreeSet<(u8, u8, u64)>;

    fn set(text: &str) -> GtidSet {
        text.parse().unwrap()
    }

    fn random() -> Model {
        let one = |_| (fastrand::u8(0..3), fastrand::u8(0..2), fastrand::u64(1..12));
        (0..fastrand::usize(0..20)).map(one).collect()
    }

    /// The model in the server's words: unordered, with intervals that touch and overlap.
    fn written(model: &Model) -> String {
        let mut parts: Vec<String> = model
            .iter()
            .map(|&(server, tag, number)| {
                let tag = if tag == 0 { "" } else { "deploy:" };
                let mut last = number;
                while fastrand::bool()
                    && model.contains(&(server, u8::from(!tag.is_empty()), last + 1))
                {
                    last += 1;
                }
                format!("{:032x}:{tag}{number}-{last}", u128::from(server))
            })
            .collect();
        fastrand::shuffle(&mut parts);
        parts.join(",\n")
    }

    #[test]
    fn sets_behave_as_the_transactions_they_stand_for() {
        for _ in 0..5_000 {
            let (a, b) = (random(), random());
            let (first, second) = (set(&written(&a)), set(&written(&b)));
            assert_eq!(first.covers(&second), a.is_superset(&b), "{first} {second}");
            let mut both = first.clone();
            both.merge(&second);
            assert_eq!(both, set(&written(&(&a | &b))), "{first} {second}");
            assert_eq!(
                set(&first.to_string()),
                first,
                "what is written is read again"
            );
            assert_eq!(first.is_empty(), a.is_empty());
        }
    }

    #[test]
    fn a_gap_is_not_covered() {
        assert!(!set(&format!("{A}:1-5:7-9")).covers(&set(&format!("{A}:6"))));
        assert!(!set(&format!("{A}:1-5:7-9")).covers(&set(&format!("{A}:5-7"))));
        assert!(set(&format!("{A}:1-5:6-9")).covers(&set(&format!("{A}:5-7"))));
        assert!(set(&format!("{A}:1-5:6-9")).covers(&set("")));
    }

    #[test]
    fn a_tag_is_a_source_of_its_own() {
        let tagged = set(&format!("{A}:1-5:Deploy:1-2:9:other:3"));
        assert_eq!(tagged.to_string(), format!("{A}:1-5:deploy:1-2:9:other:3"));
        assert!(tagged.covers(&set(&format!("{A}:deploy:9"))));
        assert!(!tagged.covers(&set(&format!("{A}:9"))));
        let key = |tag: &str| Source {
            server: 0x3e11_fa47_71ca_11e1_9e33_c80a_a942_9562,
            tag: tag.into(),
        };
        assert_eq!(tagged.0[&key("deploy")], Intervals(vec![(1, 2), (9, 9)]));
    }

    #[test]
    fn anything_else_is_refused() {
        for rest in [
            "", ":", ":0", ":5-4", ":1-", ":-1", ":1-2-3", ":deploy", ":+1", ":1:", ":1,", ":1;2",
        ] {
            assert!(format!("{A}{rest}").parse::<GtidSet>().is_err(), "`{rest}`");
        }
        assert!("3e11fa47:1".parse::<GtidSet>().is_err());
    }
}
