//! Keeping hold of jobs, and taking them back.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use atlas_db::sea_orm::Value;

use super::{
    base::{Base, Dialect, LONGEST_LIST, list, millis, padded, places, signed, storable},
    finish::{FREE, NewFailure},
    row::{self, at},
};
use crate::{
    FailureKind, JobId, Reason, Result,
    store::{Lease, Pulse, Rescued, Verdict},
};

/// What the tables say of leases: whether the job was called off, by its name and fence.
type Held = BTreeMap<(JobId, i64), bool>;

/// A job whose lease has run out.
struct Lost {
    rescued: Rescued,
    attempt: i64,
    cancelled: bool,
}

impl Base {
    /// Renews leases.
    pub(super) async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        let mut kept = Held::new();
        let mut sorted = leases.to_vec();
        sorted.sort_by_key(|lease| lease.job);
        for part in sorted.chunks(LONGEST_LIST) {
            let renewed = match self.dialect {
                Dialect::MySql => self.transaction(|| self.renew_locked(part, lease)).await?,
                Dialect::Sqlite | Dialect::Postgres => {
                    self.alone(self.renew_at_once(part, lease)).await?
                }
            };
            let missing: Vec<Lease> = part
                .iter()
                .filter(|it| !renewed.contains_key(&key(it)))
                .copied()
                .collect();
            kept.extend(renewed);
            if !missing.is_empty() {
                // one that somebody has locked, as a transaction does that completes it, is held all the same
                kept.extend(self.alone(self.held(&missing, "")).await?);
            }
        }
        Ok(leases
            .iter()
            .map(|lease| match kept.get(&key(lease)) {
                Some(false) => Pulse::Kept,
                Some(true) => Pulse::Cancel,
                None => Pulse::Lost,
            })
            .collect())
    }

    /// Renews by one statement, and passes over what is locked.
    async fn renew_at_once(&self, leases: &[Lease], lease: Duration) -> Result<Held> {
        let text = self.text(("renew", places(leases.len()), 0), || {
            let list = list("(?, ?)", places(leases.len()));
            match self.dialect {
                Dialect::Postgres => format!(
                    "WITH held AS (SELECT j.id FROM atlas_jobs AS j JOIN (VALUES {list}) AS v \
                     ON j.id = v.column1 AND j.fence = v.column2 WHERE j.state = 2 FOR UPDATE OF j SKIP LOCKED) \
                     UPDATE atlas_jobs SET lease_until = {{now}} + ? WHERE id = ANY(ARRAY(SELECT id FROM held)) \
                     RETURNING id, fence, cancel_requested"
                ),
                _ => format!(
                    "UPDATE atlas_jobs SET lease_until = {{now}} + ? {} \
                     RETURNING id, fence, cancel_requested",
                    self.dialect.held(places(leases.len()))
                ),
            }
        });
        let span = [Value::from(millis(lease))].into_iter();
        let values = self.dialect.leases(leases).into_iter();
        let values = match self.dialect {
            Dialect::Postgres => values.chain(span).collect(),
            _ => span.chain(values).collect(),
        };
        let rows = self.rows(&text, values).await?;
        rows.iter().map(read_held).collect()
    }

    /// Renews inside of a transaction.
    async fn renew_locked(&self, leases: &[Lease], lease: Duration) -> Result<Held> {
        let held = self.held(leases, " FOR UPDATE SKIP LOCKED").await?;
        let ids: Vec<JobId> = held.keys().map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Ok(held);
        }
        let text = self.text(("renew, update", places(ids.len()), 0), || {
            format!(
                "UPDATE atlas_jobs SET lease_until = {{now}} + ? WHERE id IN ({})",
                list("?", places(ids.len()))
            )
        });
        let mut values = vec![millis(lease).into()];
        values.extend(padded(&ids).map(|id| Value::from(id.uuid())));
        self.run(&text, values).await?;
        Ok(held)
    }

    /// Which of these leases hold.
    async fn held(&self, leases: &[Lease], lock: &'static str) -> Result<Held> {
        let shape = if lock.is_empty() {
            "held"
        } else {
            "held, locked"
        };
        let text = self.text((shape, places(leases.len()), 0), || {
            format!(
                "SELECT id, fence, cancel_requested FROM atlas_jobs WHERE id IN ({}) AND state = 2{lock}",
                list("?", places(leases.len()))
            )
        });
        let values = padded(leases)
            .map(|it| Value::from(it.job.uuid()))
            .collect();
        let rows = self.rows(&text, values).await?;
        let held: Held = rows.iter().map(read_held).collect::<Result<_>>()?;
        let asked: BTreeSet<(JobId, i64)> = leases.iter().map(key).collect();
        Ok(held
            .into_iter()
            .filter(|(key, _)| asked.contains(key))
            .collect())
    }

    /// Which of these jobs were called off, and which queues are paused.
    pub(super) async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        let mut cancelled = Vec::new();
        for part in leases.chunks(LONGEST_LIST) {
            let held = self.alone(self.held(part, "")).await?;
            cancelled.extend(part.iter().filter(|it| held.get(&key(it)) == Some(&true)));
        }
        let text = self.fixed("SELECT name FROM atlas_job_queues ORDER BY name");
        let rows = self.alone(self.rows(&text, Vec::new())).await?;
        let paused = rows
            .iter()
            .map(|found| at(found, 0))
            .collect::<Result<_>>()?;
        Ok((cancelled, paused))
    }

    /// Records the progress of a running job.
    pub(super) async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        let text = self
            .fixed("UPDATE atlas_jobs SET progress = ? WHERE id = ? AND fence = ? AND state = 2");
        let [id, fence] = pair(&lease);
        let values = vec![storable(progress).into(), id, fence];
        Ok(match self.alone(self.run(&text, values)).await? {
            0 => Verdict::Stale,
            _ => Verdict::Applied,
        })
    }

    /// Takes jobs back whose lease has run out.
    pub(super) async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        let look = self.fixed(
            "SELECT id FROM atlas_jobs WHERE lease_until <= {now} ORDER BY lease_until LIMIT 1",
        );
        if limit == 0 || self.alone(self.row(&look, Vec::new())).await?.is_none() {
            return Ok(Vec::new());
        }
        let limit = limit.min(LONGEST_LIST);
        let rescued = self
            .transaction(|| self.rescue_some(crash_limit, limit))
            .await?;
        let back = rescued.iter().filter(|it| !it.dead);
        self.ring(back.map(|it| it.queue.clone()).collect()).await;
        Ok(rescued)
    }

    async fn rescue_some(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        let text = self.text(("rescue", 0, 0), || {
            format!(
                "SELECT id, kind, queue, crashes, worker, attempt, cancel_requested, {{now}} - lease_until \
                 FROM atlas_jobs WHERE lease_until <= {{now}} ORDER BY lease_until LIMIT {LONGEST_LIST}{}",
                self.skip_locked()
            )
        });
        let rows = self.rows(&text, Vec::new()).await?;
        let mut lost = Vec::new();
        for found in rows.iter().take(limit) {
            let crashes = u32::try_from(at::<i32>(found, 3)?)
                .unwrap_or(0)
                .saturating_add(1);
            let cancelled = at::<i16>(found, 6)? != 0;
            lost.push(Lost {
                rescued: Rescued {
                    id: row::id(found)?,
                    kind: at(found, 1)?,
                    queue: at(found, 2)?,
                    crashes,
                    dead: crashes >= crash_limit && !cancelled,
                    worker: at(found, 4)?,
                    overdue: Duration::from_millis(
                        u64::try_from(at::<i64>(found, 7)?).unwrap_or(0),
                    ),
                },
                attempt: at::<i32>(found, 5)?.into(),
                cancelled,
            });
        }
        let ids = |wanted: fn(&Lost) -> bool| -> Vec<JobId> {
            lost.iter()
                .filter(|it| wanted(it))
                .map(|it| it.rescued.id)
                .collect()
        };
        self.take_back(
            &ids(|it| it.rescued.dead),
            (
                "rescue, dead",
                "state = 5, finished_at = {now}, gate = NULL",
            ),
            true,
        )
        .await?;
        self.take_back(
            &ids(|it| it.cancelled),
            (
                "rescue, cancelled",
                "state = 4, finished_at = {now}, gate = NULL",
            ),
            true,
        )
        .await?;
        self.take_back(
            &ids(|it| !it.rescued.dead && !it.cancelled),
            ("rescue, back", "state = 1, turn = run_at + handicap"),
            false,
        )
        .await?;
        let failures = lost.iter().map(|it| NewFailure {
            job: it.rescued.id,
            attempt: it.attempt,
            kind: FailureKind::Crashed,
            message: "the worker died, or lost its lease".to_owned(),
            backtrace: None,
            worker: it.rescued.worker.clone(),
        });
        self.add_failures(failures.collect()).await?;
        Ok(lost.into_iter().map(|it| it.rescued).collect())
    }

    async fn take_back(
        &self,
        ids: &[JobId],
        (shape, set): (&'static str, &'static str),
        ends: bool,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let text = self.text((shape, places(ids.len()), 0), || {
            let free = if ends { format!(", {FREE}") } else { String::new() };
            format!(
                "UPDATE atlas_jobs SET {set}, lease_until = NULL, attempt = attempt - 1, crashes = crashes + 1, \
                 reason = ?{free} WHERE id IN ({})",
                list("?", places(ids.len()))
            )
        });
        let reason = (shape == "rescue, dead").then(|| Reason::CrashLoop.name());
        let mut values = vec![Value::from(reason)];
        values.extend(padded(ids).map(|id| Value::from(id.uuid())));
        self.run(&text, values).await?;
        Ok(())
    }
}

impl Dialect {
    /// What follows the changes to those jobs that run under some leases.
    pub(super) fn held(self, places: usize) -> String {
        let pairs = list("(?, ?)", places);
        match self {
            // it would read the whole table for a join
            Self::Sqlite => format!(
                "WHERE id IN ({}) AND (id, fence) IN (VALUES {pairs}) AND state = 2",
                list("?", places)
            ),
            _ => format!(
                "FROM (VALUES {pairs}) AS v WHERE id = v.column1 AND fence = v.column2 AND state = 2"
            ),
        }
    }

    /// The values of that.
    pub(super) fn leases(self, leases: &[Lease]) -> Vec<Value> {
        let ids = match self {
            Self::Sqlite => leases,
            _ => &[],
        };
        let ids = padded(ids).map(|lease| Value::from(lease.job.uuid()));
        let pairs = padded(leases).flat_map(pair);
        ids.chain(pairs).collect()
    }
}

/// What names a lease in the tables.
pub(super) fn pair(lease: &Lease) -> [Value; 2] {
    [lease.job.uuid().into(), signed(lease.fence).into()]
}

pub(super) fn key(lease: &Lease) -> (JobId, i64) {
    (lease.job, signed(lease.fence))
}

fn read_held(found: &atlas_db::sea_orm::QueryResult) -> Result<((JobId, i64), bool)> {
    Ok(((row::id(found)?, at(found, 1)?), at::<i16>(found, 2)? != 0))
}
