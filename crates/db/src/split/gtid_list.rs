//! Positions of MariaDB: one transaction a replication domain, the last one.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::position::Unreadable;

/// The last transaction of every replication domain, such as `0-1-100,7-2-3`: domain, server, number.
///
/// Numbers grow within a domain, so a server that has one of them has all before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GtidList(BTreeMap<u32, Last>);

/// The last transaction of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    server: u32,
    number: u64,
}

impl GtidList {
    /// Nothing was written, or nothing is recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says whether a server at this position has everything that one at `other` has.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(domain, wanted)| {
            self.0
                .get(domain)
                .is_some_and(|last| last.number >= wanted.number)
        })
    }

    /// Says whether a server at this position has what one at `source`, which it replicates, does not: their histories
    /// went apart. Domains that only one of them knows say nothing, for a replica may have several sources.
    pub(crate) fn contradicts(&self, source: &Self) -> bool {
        self.0.iter().any(|(domain, last)| {
            source.0.get(domain).is_some_and(|of_source| {
                last.number > of_source.number
                    || last.number == of_source.number && last.server != of_source.server
            })
        })
    }

    /// The least position that covers both.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (&domain, &last) in &other.0 {
            let mine = self.0.entry(domain).or_insert(last);
            if mine.number < last.number {
                *mine = last;
            }
        }
    }
}

impl FromStr for GtidList {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut list = Self::default();
        if text.trim().is_empty() {
            return Ok(list);
        }
        for gtid in text.split(',') {
            let mut parts = gtid.trim().split('-');
            let mut next = || {
                parts
                    .next()
                    .filter(|it| it.bytes().all(|it| it.is_ascii_digit()))
            };
            let (domain, server, number) = (next(), next(), next());
            let last = |(server, number): (&str, &str)| {
                Some(Last {
                    server: server.parse().ok()?,
                    number: number.parse().ok()?,
                })
            };
            let domain = domain.and_then(|it| it.parse().ok()).ok_or(Unreadable)?;
            let last = server.zip(number).and_then(last).ok_or(Unreadable)?;
            if parts.next().is_some() {
                return Err(Unreadable);
            }
            list.merge(&Self(BTreeMap::from([(domain, last)])));
        }
        Ok(list)
    }
}

impl fmt::Display for GtidList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (domain, Last { server, number })) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{domain}-{server}-{number}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{GtidList, Last};

    fn list(text: &str) -> GtidList {
        text.parse().unwrap()
    }

    fn random() -> GtidList {
        let domains = fastrand::u32(0..5);
        let last = || Last {
            server: fastrand::u32(1..3),
            number: fastrand::u64(0..6),
        };
        GtidList(
            (0..domains)
                .map(|_| (fastrand::u32(0..6), last()))
                .collect(),
        )
    }

    #[test]
    fn what_is_written_is_read_again() {
        for _ in 0..2_000 {
            let any = random();
            assert_eq!(list(&any.to_string()), any);
        }
        assert_eq!(
            list(" 7-2-3, 0-1-18446744073709551615").to_string(),
            "0-1-18446744073709551615,7-2-3"
        );
        assert!(list("").is_empty());
    }

    #[test]
    fn covering_is_an_order_and_merging_its_least_upper_bound() {
        for _ in 0..20_000 {
            let (a, b, c) = (random(), random(), random());
            assert!(a.covers(&a));
            if a.covers(&b) && b.covers(&c) {
                assert!(a.covers(&c), "{a} {b} {c}");
            }
            let mut both = a.clone();
            both.merge(&b);
            assert!(both.covers(&a) && both.covers(&b), "{a} {b}");
            if c.covers(&a) && c.covers(&b) {
                assert!(c.covers(&both), "{a} {b} {c}");
            }
            assert_eq!(a.covers(&both), a.covers(&b), "{a} {b}");
        }
    }

    #[test]
    fn a_domain_that_is_missing_is_not_covered() {
        assert!(list("0-1-5").covers(&list("0-2-4")));
        assert!(!list("0-1-5").covers(&list("0-1-4,1-1-1")));
        assert!(!list("").covers(&list("0-1-1")));
        assert!(list("0-1-5").covers(&list("")));
    }

    #[test]
    fn histories_that_went_apart_are_noticed() {
        assert!(list("0-1-6").contradicts(&list("0-1-5")));
        assert!(list("0-2-5").contradicts(&list("0-1-5")));
        assert!(!list("0-2-4").contradicts(&list("0-1-5")));
        assert!(!list("0-1-5,9-9-9").contradicts(&list("0-1-5,1-1-1")));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "0",
            "0-1",
            "0-1-",
            "0-1-2-3",
            "a-1-2",
            "-1-2",
            "0-1-2,",
            "0-+1-2",
            "4294967296-1-1",
        ] {
            assert!(text.parse::<GtidList>().is_err(), "`{text}`");
        }
    }
}
