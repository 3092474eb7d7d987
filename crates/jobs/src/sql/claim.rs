//! Taking jobs out to run them.

use std::collections::BTreeSet;

use atlas_db::sea_orm::{QueryResult, Value};

use super::{
    base::{Base, Dialect, LONGEST_LIST, list, millis, padded, places},
    row::{self, HANDICAP, UNIQUE_UNTIL, at},
};
use crate::{
    JobId, JobRecord, Result, State,
    store::{Claim, Claimed},
};

/// How many due jobs are made available at a time.
const DUE: usize = 500;

/// A job and its rank: what has a lower one comes first.
pub(super) type Ranked = (i64, JobRecord);

/// What a claim finds in a queue before it takes anything.
struct Sight {
    /// There is something for this worker.
    ready: bool,
    /// Something of it counts against a limit.
    limited: bool,
    paused: bool,
    /// When the next job is due that waits for its time.
    due: Option<i64>,
    now: i64,
}

impl Base {
    /// Gives jobs to a worker.
    pub(super) async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        if claim.queues.is_empty() || claim.kinds.is_empty() || claim.total == 0 {
            return Ok(Claimed::default());
        }
        let mut sights = self.look(claim).await?;
        let mut promoted = false;
        for (sight, share) in sights.iter().zip(&claim.queues) {
            if !sight.paused && sight.due.is_some_and(|due| due <= sight.now) {
                self.promote(&share.queue).await?;
                promoted = true;
            }
        }
        if promoted {
            sights = self.look(claim).await?;
        }
        let (mut jobs, mut failed): (Vec<Ranked>, _) = (Vec::new(), None);
        let mut left = claim.total;
        let mut empty = BTreeSet::new();
        'rounds: for bounded in [true, false] {
            for (index, (sight, share)) in sights.iter().zip(&claim.queues).enumerate() {
                let most = if bounded { share.jobs.min(left) } else { left };
                if most == 0 || sight.paused || !sight.ready || empty.contains(&index) {
                    continue;
                }
                let taken = if sight.limited {
                    self.take_within_limits(claim, &share.queue, most).await
                } else {
                    self.take(claim, &share.queue, most).await
                };
                match taken {
                    Ok(taken) => {
                        if taken.len() < most {
                            empty.insert(index);
                        }
                        left -= taken.len().min(left);
                        jobs.extend(taken);
                    }
                    // those that were taken already have an owner, who has to learn of them
                    Err(error) => {
                        failed = Some(error);
                        break 'rounds;
                    }
                }
            }
        }
        if let (Some(error), true) = (failed, jobs.is_empty()) {
            return Err(error);
        }
        let now = sights.first().map(|sight| sight.now).unwrap_or_default();
        let due = sights
            .iter()
            .filter(|sight| !sight.paused)
            .filter_map(|sight| sight.due)
            .min();
        jobs.sort_by_key(|(turn, job)| (*turn, job.id));
        Ok(Claimed {
            jobs: jobs.into_iter().map(|(_, job)| job).collect(),
            next_due: due
                .map(|due| std::time::Duration::from_millis(u64::try_from(due - now).unwrap_or(0))),
            now: Some(row::time(now)?),
        })
    }

    /// Looks into the queues, in order, by one statement that only reads.
    async fn look(&self, claim: &Claim) -> Result<Vec<Sight>> {
        let (queues, kinds) = (claim.queues.len(), places(claim.kinds.len()));
        let text = self.text(("look", queues, kinds), || {
            let kinds = list("?", kinds);
            let look = match self.dialect {
                Dialect::Postgres => look_by_function,
                Dialect::Sqlite | Dialect::MySql => look,
            };
            let parts: Vec<String> = (0..queues).map(|number| look(number, &kinds)).collect();
            format!("{} ORDER BY 1", parts.join(" UNION ALL "))
        });
        let mut values = Vec::new();
        for share in &claim.queues {
            let queue = Value::from(share.queue.as_str());
            values.push(queue.clone());
            values.extend(self.kinds(claim));
            if self.dialect != Dialect::Postgres {
                values.extend([queue.clone(), queue.clone(), queue]);
            }
        }
        let rows = self.alone(self.rows(&text, values)).await?;
        rows.iter()
            .map(|found| {
                Ok(Sight {
                    ready: at::<i64>(found, 1)? != 0,
                    limited: at::<i64>(found, 2)? != 0,
                    paused: at::<i64>(found, 3)? != 0,
                    due: at(found, 4)?,
                    now: at(found, 5)?,
                })
            })
            .collect()
    }

    /// The values of the list of kinds.
    pub(super) fn kinds<'a>(&self, claim: &'a Claim) -> impl Iterator<Item = Value> + 'a {
        padded(&claim.kinds).map(|kind| kind.as_str().into())
    }

    /// Makes those available that are due, some at a time.
    async fn promote(&self, queue: &str) -> Result<()> {
        const SET: &str = "UPDATE atlas_jobs SET state = 1, turn = run_at + handicap, due_at = NULL, gate = limit_key";
        let select = format!(
            "SELECT id FROM atlas_jobs WHERE queue = ? AND due_at <= {{now}} ORDER BY due_at LIMIT {DUE}{}",
            self.skip_locked()
        );
        if self.dialect != Dialect::MySql {
            let text = self.text(("promote", 0, 0), || {
                format!("{SET} WHERE id {}", self.dialect.among(&select))
            });
            self.alone(self.run(&text, vec![queue.into()])).await?;
            return Ok(());
        }
        let select = self.text(("promote, select", 0, 0), || select);
        self.transaction(|| async {
            let found = self.rows(&select, vec![queue.into()]).await?;
            let ids = found.iter().map(row::id).collect::<Result<Vec<_>>>()?;
            for ids in ids.chunks(LONGEST_LIST) {
                let text = self.text(("promote, update", places(ids.len()), 0), || {
                    format!("{SET} WHERE id IN ({})", list("?", places(ids.len())))
                });
                self.run(&text, padded(ids).map(|id| id.uuid().into()).collect())
                    .await?;
            }
            Ok(())
        })
        .await
    }

    /// Takes the most urgent jobs of a queue, those aside that count against a limit.
    async fn take(&self, claim: &Claim, queue: &str, most: usize) -> Result<Vec<Ranked>> {
        let kinds = places(claim.kinds.len());
        let found = match self.dialect {
            Dialect::Sqlite | Dialect::Postgres => {
                let text = self.text(("take", kinds, 0), || self.dialect.take(kinds));
                let mut values = vec![
                    millis(claim.lease).into(),
                    claim.worker.as_str().into(),
                    queue.into(),
                ];
                values.extend(self.kinds(claim));
                values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
                let rows = self.alone(self.rows(&text, values)).await?;
                ranked(&rows)?
            }
            Dialect::MySql => {
                self.transaction(|| async {
                    let text = self.text(("take, select", kinds, 0), || {
                        let columns = self.dialect.job_columns();
                        format!(
                            "SELECT {columns} FROM atlas_jobs FORCE INDEX (atlas_jobs_ready) \
                             WHERE queue = ? AND turn IS NOT NULL AND limit_key IS NULL AND kind IN ({}) \
                             ORDER BY turn, id LIMIT ? FOR UPDATE SKIP LOCKED",
                            list("?", kinds)
                        )
                    });
                    let mut values = vec![queue.into()];
                    values.extend(self.kinds(claim));
                    values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
                    let rows = self.rows(&text, values).await?;
                    self.hand_over(claim, ranked(&rows)?).await
                })
                .await?
            }
        };
        Ok(found)
    }

    /// Gives locked jobs to a worker, where an engine cannot take and tell by one statement.
    async fn hand_over(&self, claim: &Claim, mut jobs: Vec<Ranked>) -> Result<Vec<Ranked>> {
        let Some(now) = (match jobs.is_empty() {
            true => None,
            false => Some(self.now().await?),
        }) else {
            return Ok(jobs);
        };
        let (start, end) = (
            now.timestamp_millis(),
            now.timestamp_millis() + millis(claim.lease),
        );
        for part in jobs.chunks_mut(LONGEST_LIST) {
            let ids: Vec<_> = part.iter().map(|(_, job)| job.id).collect();
            let text = self.text(("hand over", places(ids.len()), 0), || {
                format!(
                    "UPDATE atlas_jobs SET state = 2, turn = NULL, attempt = attempt + 1, fence = fence + 1, \
                     started_at = ?, lease_until = ?, worker = ?, \
                     cancel_requested = 0, unique_key = CASE WHEN unique_until = 0 THEN NULL ELSE unique_key END WHERE id IN ({})",
                    list("?", places(ids.len()))
                )
            });
            let mut values = vec![start.into(), end.into(), claim.worker.as_str().into()];
            values.extend(padded(&ids).map(|id| Value::from(id.uuid())));
            self.run(&text, values).await?;
            for (_, job) in part {
                job.state = State::Running;
                job.attempt += 1;
                job.fence += 1;
                job.started_at = Some(row::time(start)?);
                job.lease_until = Some(row::time(end)?);
                job.worker = Some(claim.worker.clone());
            }
        }
        Ok(jobs)
    }

    /// Gives locked jobs to a worker.
    pub(super) async fn give(&self, claim: &Claim, ids: &[JobId]) -> Result<Vec<Ranked>> {
        let mut given = Vec::with_capacity(ids.len());
        for ids in ids.chunks(LONGEST_LIST) {
            let list_of = list("?", places(ids.len()));
            let mut values: Vec<Value> = Vec::new();
            let columns = self.dialect.job_columns();
            if self.dialect == Dialect::MySql {
                values.extend(padded(ids).map(|id| Value::from(id.uuid())));
                let text = self.text(("give, select", places(ids.len()), 0), || {
                    format!("SELECT {columns} FROM atlas_jobs WHERE id IN ({list_of})")
                });
                let rows = self.rows(&text, values).await?;
                given.extend(self.hand_over(claim, ranked(&rows)?).await?);
                continue;
            }
            values.extend([millis(claim.lease).into(), claim.worker.as_str().into()]);
            values.extend(padded(ids).map(|id| Value::from(id.uuid())));
            let text = self.text(("give", places(ids.len()), 0), || {
                format!("{TAKE} WHERE id IN ({list_of}) RETURNING {columns}")
            });
            given.extend(ranked(&self.rows(&text, values).await?)?);
        }
        Ok(given)
    }
}

const TAKE: &str = "UPDATE atlas_jobs SET state = 2, turn = NULL, attempt = attempt + 1, fence = fence + 1, \
     started_at = {now}, lease_until = {now} + ?, worker = ?, \
     cancel_requested = 0, unique_key = CASE WHEN unique_until = 0 THEN NULL ELSE unique_key END";

impl Dialect {
    /// What is true of the ids that a query finds, which is run once, before the rows are looked up by their ids.
    pub(super) fn among(self, select: &str) -> String {
        match self {
            Self::Postgres => format!("= ANY(ARRAY({select}))"),
            Self::Sqlite | Self::MySql => format!("IN ({select})"),
        }
    }

    /// What takes jobs and tells them.
    fn take(self, kinds: usize) -> String {
        let columns = self.job_columns();
        let kinds = list("?", kinds);
        let ready = format!(
            "SELECT id FROM atlas_jobs WHERE queue = ? AND turn IS NOT NULL AND limit_key IS NULL AND kind IN ({kinds}) \
             ORDER BY turn, id"
        );
        let select = match self {
            Self::Postgres => format!("SELECT atlas_jobs_next(?, ARRAY[{kinds}], ?)"),
            // a bare parameter would have the statement compiled anew each time
            Self::Sqlite | Self::MySql => format!("{ready} LIMIT 0 + ?"),
        };
        format!(
            "{TAKE} WHERE id {} RETURNING {columns}",
            self.among(&select)
        )
    }
}

/// What looks into one queue. An order keeps planners from reading the table until a row turns up.
fn look(number: usize, kinds: &str) -> String {
    format!(
        "SELECT CAST({number} AS {{big}}), \
         CASE WHEN (SELECT 1 FROM atlas_jobs WHERE queue = ? AND turn IS NOT NULL AND kind IN ({kinds}) \
         ORDER BY turn, id LIMIT 1) = 1 \
         THEN CAST(1 AS {{big}}) ELSE 0 END, \
         CASE WHEN (SELECT 1 FROM atlas_jobs WHERE state = 1 AND queue = ? AND gate IS NOT NULL \
         ORDER BY state, queue, gate LIMIT 1) = 1 \
         THEN CAST(1 AS {{big}}) ELSE 0 END, \
         CASE WHEN EXISTS (SELECT 1 FROM atlas_job_queues WHERE name = ?) THEN CAST(1 AS {{big}}) ELSE 0 END, \
         (SELECT min(due_at) FROM atlas_jobs WHERE queue = ? AND due_at IS NOT NULL), {{now}}"
    )
}

/// The same, asked of a function.
fn look_by_function(number: usize, kinds: &str) -> String {
    format!(
        "SELECT CAST({number} AS bigint), ready, limited, paused, due, {{now}} FROM atlas_jobs_look(?, ARRAY[{kinds}])"
    )
}

/// Jobs with their ranks.
fn ranked(rows: &[QueryResult]) -> Result<Vec<Ranked>> {
    let ranked = rows.iter().map(|found| {
        let mut job = row::job(found)?;
        // what is only now about to be taken may hold its key until it is
        if at::<Option<i16>>(found, UNIQUE_UNTIL)? == Some(0) {
            job.unique_key = None;
        }
        let turn = job.run_at.timestamp_millis() + at::<i64>(found, HANDICAP)?;
        Ok((turn, job))
    });
    ranked.collect()
}
