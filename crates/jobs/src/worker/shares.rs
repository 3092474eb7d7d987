//! How many jobs each queue may give.

use crate::store::Share;

/// Deals places out to queues by their weights, smoothly: over many claims each gets its share, however few places one
/// claim has.
pub(super) struct Shares(Vec<Dealt>);

struct Dealt {
    queue: String,
    weight: i64,
    /// How much it was left behind so far.
    credit: i64,
}

impl Shares {
    /// These queues with their weights, which are above 0.
    pub(super) fn new<'a>(weights: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let dealt = |(queue, weight): (&str, u32)| Dealt {
            queue: queue.to_owned(),
            weight: i64::from(weight),
            credit: 0,
        };
        Self(weights.into_iter().map(dealt).collect())
    }

    /// Deals so many places; the queue that is owed most is asked first.
    pub(super) fn deal(&mut self, places: usize) -> Vec<Share> {
        let sum: i64 = self.0.iter().map(|it| it.weight).sum();
        let mut jobs = vec![0; self.0.len()];
        for _ in 0..places {
            for dealt in &mut self.0 {
                dealt.credit += dealt.weight;
            }
            let most = self.0.iter_mut().zip(&mut jobs);
            if let Some((dealt, jobs)) = most.max_by_key(|(dealt, _)| dealt.credit) {
                dealt.credit -= sum;
                *jobs += 1;
            }
        }
        let shares = self.0.iter().zip(jobs);
        let mut shares: Vec<(bool, i64, Share)> = shares
            .map(|(dealt, jobs)| {
                let queue = dealt.queue.clone();
                (jobs == 0, -dealt.credit, Share { queue, jobs })
            })
            .collect();
        shares.sort_by_key(|(none, owed, _)| (*none, *owed));
        shares.into_iter().map(|(_, _, share)| share).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;

    #[test]
    fn single_places_add_up_to_the_weights() {
        let mut shares = Shares::new([("critical", 4), ("default", 1)]);
        let mut first = Vec::new();
        for _ in 0..10 {
            first.push(shares.deal(1)[0].queue.clone());
        }
        assert_eq!(first.iter().filter(|it| *it == "critical").count(), 8);
    }

    #[test]
    fn many_places_are_dealt_by_weight_at_once() {
        let dealt = Shares::new([("a", 3), ("b", 1)]).deal(8);
        let of = |queue: &str| dealt.iter().find(|it| it.queue == queue).unwrap().jobs;
        assert_eq!((of("a"), of("b")), (6, 2));
    }
}
