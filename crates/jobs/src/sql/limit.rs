//! Taking jobs that count against limits.
//!
//! Whoever takes such a job holds the lock of its key until that is committed, so that two never count at the same time. What
//! counts against nothing does not come here.

use std::collections::{BTreeMap, BTreeSet};

use atlas_db::sea_orm::Value;

use super::{
    base::{Base, Dialect, LONGEST_LIST, list, padded, places},
    claim::Ranked,
    row::{self, at},
};
use crate::{JobId, Result, store::Claim};

/// How often a claim looks past jobs whose keys are used up.
const ROUNDS: usize = 16;

/// A job that might be taken.
struct Candidate {
    id: JobId,
    limit: Option<(String, i64)>,
}

/// What a round of a claim came to.
enum Taken {
    Jobs(Vec<Ranked>),
    /// These keys have no rows that could be locked yet.
    Unknown(BTreeSet<String>),
}

impl Base {
    /// Takes the most urgent jobs of a queue that their limits allow.
    pub(super) async fn take_within_limits(
        &self,
        claim: &Claim,
        queue: &str,
        most: usize,
    ) -> Result<Vec<Ranked>> {
        loop {
            let taken = self
                .transaction(|| self.take_limited(claim, queue, most))
                .await?;
            match taken {
                Taken::Jobs(jobs) => return Ok(jobs),
                // made by statements of their own: made under locks, they could be waited for in a circle
                Taken::Unknown(keys) => {
                    for key in keys {
                        let text = self.text(("limit", 0, 0), || {
                            let known = match self.dialect {
                                Dialect::MySql => "ON DUPLICATE KEY UPDATE name = VALUES(name)",
                                _ => "ON CONFLICT DO NOTHING",
                            };
                            format!("INSERT INTO atlas_job_limits (name) VALUES (?) {known}")
                        });
                        self.alone(self.run(&text, vec![key.into()])).await?;
                    }
                }
            }
        }
    }

    async fn take_limited(&self, claim: &Claim, queue: &str, most: usize) -> Result<Taken> {
        let mut full = self.guess().await?;
        let mut jobs: Vec<Ranked> = Vec::new();
        for round in 0..ROUNDS {
            let left = most - jobs.len();
            let look_at = places(left * 2);
            let candidates = self.candidates(claim, queue, look_at, &full).await?;
            let keys: BTreeSet<String> = candidates
                .iter()
                .filter_map(|it| Some(it.limit.as_ref()?.0.clone()))
                .collect();
            let locked = self.lock_keys(&keys, round == 0).await?;
            if round == 0 {
                let unknown: BTreeSet<String> = keys.difference(&locked).cloned().collect();
                if !unknown.is_empty() && self.dialect != Dialect::Sqlite {
                    return Ok(Taken::Unknown(unknown));
                }
            }
            let mut running = self.running(&locked).await?;
            let mut chosen = Vec::new();
            for candidate in &candidates {
                if chosen.len() == left {
                    break;
                }
                if let Some((key, max)) = &candidate.limit {
                    let count = running.entry(key.clone()).or_default();
                    if *count >= *max || !locked.contains(key) {
                        let most = full.entry(key.clone()).or_default();
                        *most = (*most).max(*max);
                        continue;
                    }
                    *count += 1;
                }
                chosen.push(candidate.id);
            }
            if !chosen.is_empty() {
                jobs.extend(self.give(claim, &chosen).await?);
            }
            if jobs.len() >= most || candidates.len() < look_at {
                break;
            }
        }
        Ok(Taken::Jobs(jobs))
    }

    /// How many jobs run of each key. It is a guess, because nothing is locked yet, and spares looking at jobs that cannot be
    /// taken.
    async fn guess(&self) -> Result<BTreeMap<String, i64>> {
        let text = self.text(("guess", 0, 0), || {
            let gate = self.dialect.column("gate");
            format!(
                "SELECT {gate}, count(*) FROM atlas_jobs WHERE state = 2 AND gate IS NOT NULL GROUP BY gate"
            )
        });
        let rows = self.rows(&text, Vec::new()).await?;
        rows.iter()
            .map(|found| Ok((at(found, 0)?, at(found, 1)?)))
            .collect()
    }

    async fn candidates(
        &self,
        claim: &Claim,
        queue: &str,
        most: usize,
        full: &BTreeMap<String, i64>,
    ) -> Result<Vec<Candidate>> {
        let full: Vec<(&String, &i64)> = full.iter().take(LONGEST_LIST * 2).collect();
        let others = if full.is_empty() {
            0
        } else {
            places(full.len())
        };
        let kinds = places(claim.kinds.len());
        let text = self.text(("candidates", most, kinds, others), || {
            let key = self.dialect.column("limit_key");
            let others = match others {
                0 => String::new(),
                places => format!(
                    " AND (limit_key IS NULL OR NOT ({}))",
                    vec!["limit_key = ? AND limit_max <= ?"; places].join(" OR ")
                ),
            };
            let hint = match self.dialect {
                Dialect::MySql => " FORCE INDEX (atlas_jobs_ready)",
                _ => "",
            };
            format!(
                "SELECT id, {key}, limit_max FROM atlas_jobs{hint} \
                 WHERE queue = ? AND turn IS NOT NULL AND kind IN ({}){others} ORDER BY turn, id LIMIT {most}{}",
                list("?", kinds),
                self.skip_locked()
            )
        });
        let mut values: Vec<Value> = vec![queue.into()];
        values.extend(self.kinds(claim));
        let full = padded(&full).flat_map(|(key, most)| [key.as_str().into(), Value::from(**most)]);
        values.extend(full);
        let rows = self.rows(&text, values).await?;
        rows.iter()
            .map(|found| {
                let (key, max): (Option<String>, Option<i32>) = (at(found, 1)?, at(found, 2)?);
                Ok(Candidate {
                    id: row::id(found)?,
                    limit: key.map(|key| (key, max.unwrap_or(1).into())),
                })
            })
            .collect()
    }

    /// Locks keys. Those who wait do so in one order; who has some already, waits for no more.
    async fn lock_keys(&self, keys: &BTreeSet<String>, wait: bool) -> Result<BTreeSet<String>> {
        if self.dialect == Dialect::Sqlite || keys.is_empty() {
            return Ok(keys.clone());
        }
        let keys: Vec<&String> = keys.iter().collect();
        let mut locked = BTreeSet::new();
        for keys in keys.chunks(LONGEST_LIST) {
            let (shape, lock) = if wait {
                ("lock", self.for_update())
            } else {
                ("lock, if free", self.skip_locked())
            };
            let text = self.text((shape, places(keys.len()), 0), || {
                let name = match self.dialect {
                    Dialect::MySql => "CONVERT(name USING utf8mb4)",
                    _ => "name",
                };
                format!(
                    "SELECT {name} FROM atlas_job_limits WHERE name IN ({}) ORDER BY atlas_job_limits.name{lock}",
                    list("?", places(keys.len()))
                )
            });
            let values = padded(keys).map(|key| Value::from(key.as_str())).collect();
            for found in self.rows(&text, values).await? {
                locked.insert(at(&found, 0)?);
            }
        }
        Ok(locked)
    }

    /// Forgets the keys of limits that no job names which runs or could be taken: who takes such a job knows what to do with a
    /// key that has no row.
    pub(super) async fn forget_unused_limits(&self) -> Result<()> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        loop {
            let forgotten = self.transaction(|| self.forget_some_limits()).await?;
            if forgotten < LONGEST_LIST {
                return Ok(());
            }
        }
    }

    async fn forget_some_limits(&self) -> Result<usize> {
        let text = self.text(("unused limits", 0, 0), || {
            let name = match self.dialect {
                Dialect::MySql => "CONVERT(name USING utf8mb4)",
                _ => "name",
            };
            // one that somebody holds is in use
            format!(
                "SELECT {name} FROM atlas_job_limits WHERE name NOT IN \
                 (SELECT gate FROM atlas_jobs WHERE state IN (1, 2) AND gate IS NOT NULL) \
                 ORDER BY atlas_job_limits.name LIMIT {LONGEST_LIST}{}",
                self.skip_locked()
            )
        });
        let mut unused: Vec<String> = Vec::new();
        for found in self.rows(&text, Vec::new()).await? {
            unused.push(at(&found, 0)?);
        }
        if unused.is_empty() {
            return Ok(0);
        }
        let text = self.text(("forget limits", places(unused.len()), 0), || {
            format!(
                "DELETE FROM atlas_job_limits WHERE name IN ({})",
                list("?", places(unused.len()))
            )
        });
        let unused: Vec<&String> = unused.iter().collect();
        let values = padded(&unused).map(|key| Value::from(key.as_str()));
        self.run(&text, values.collect()).await?;
        Ok(unused.len())
    }

    /// How many jobs of these keys run. Others that end meanwhile only make it fewer.
    async fn running(&self, keys: &BTreeSet<String>) -> Result<BTreeMap<String, i64>> {
        let keys: Vec<&String> = keys.iter().collect();
        let mut running = BTreeMap::new();
        for keys in keys.chunks(LONGEST_LIST) {
            let text = self.text(("running", places(keys.len()), 0), || {
                let gate = self.dialect.column("gate");
                format!(
                    "SELECT {gate}, count(*) FROM atlas_jobs WHERE state = 2 AND gate IN ({}) GROUP BY gate",
                    list("?", places(keys.len()))
                )
            });
            let values = padded(keys).map(|key| Value::from(key.as_str())).collect();
            for found in self.rows(&text, values).await? {
                running.insert(at(&found, 0)?, at(&found, 1)?);
            }
        }
        Ok(running)
    }
}
