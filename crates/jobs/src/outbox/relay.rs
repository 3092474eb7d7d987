//! Moving jobs on.

use std::{sync::Arc, time::Duration};

use atlas_db::sea_orm::{QueryResult, Value};
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use super::letter::Letter;
use crate::{
    Error, Result,
    sql::{Base, at, millis, storable},
    store::{NewJob, Store},
};

/// How many jobs are moved at a time.
const BATCH: usize = 128;
/// For how long whoever moves jobs has them for itself.
const LEASE: Duration = Duration::from_secs(30);
/// How often the table is looked at when nobody says that there is something.
const LOOK: Duration = Duration::from_secs(1);

/// Until when a row is kept that cannot be moved.
const PARKED: i64 = i64::MAX;

/// A row of the table.
struct Row {
    seq: i64,
    lain: Duration,
    job: Vec<u8>,
}

/// Moves what lies in the table.
#[derive(Clone)]
pub(super) struct Relay {
    pub(super) base: Base,
    pub(super) store: Arc<dyn Store>,
    pub(super) bell: Arc<Notify>,
}

impl Relay {
    /// Writes jobs to the table, in the caller's transaction.
    pub(super) async fn write(&self, jobs: &[NewJob]) -> Result<()> {
        for job in jobs {
            let letter =
                serde_json::to_vec(&Letter::of(job)).map_err(|source| Error::Unserialisable {
                    kind: job.kind.clone(),
                    source,
                })?;
            let text = self
                .base
                .fixed("INSERT INTO atlas_job_outbox (id, written_at, job) VALUES (?, {now}, ?)");
            let values = vec![job.id.uuid().into(), letter.into()];
            self.base.run(&text, values).await?;
        }
        Ok(())
    }

    /// Moves jobs as they come, until it is told to stop. What fails is tried again.
    pub(super) async fn run(&self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.move_some().await {
                Ok(BATCH) => continue,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(target: "atlas::jobs", %error, "jobs lie in the outbox and cannot be moved");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = timeout(LOOK, self.bell.notified()) => {}
            }
        }
    }

    /// Moves some jobs, in the order in which they were written; says how many.
    pub(super) async fn move_some(&self) -> Result<usize> {
        let look = self
            .base
            .fixed("SELECT seq FROM atlas_job_outbox WHERE leased_until <= {now} LIMIT 1");
        if self
            .base
            .alone(self.base.row(&look, Vec::new()))
            .await?
            .is_none()
        {
            return Ok(0);
        }
        let rows = self.base.transaction(|| self.lease()).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut jobs = Vec::with_capacity(rows.len());
        for row in &rows {
            match serde_json::from_slice::<Letter>(&row.job) {
                Ok(letter) => jobs.push((row.seq, letter.open(row.lain))),
                Err(error) => {
                    let words = format!("the row holds no job: {error}");
                    self.park(row.seq, &words).await?;
                }
            }
        }
        self.pass_on(jobs).await?;
        Ok(rows.len())
    }

    /// Gives jobs to the store, and forgets them then. A process that ends between these two leaves them to be moved again,
    /// under the same names.
    async fn pass_on(&self, jobs: Vec<(i64, NewJob)>) -> Result<()> {
        let mut batches = vec![jobs];
        while let Some(mut jobs) = batches.pop() {
            let seqs: Vec<i64> = jobs.iter().map(|(seq, _)| *seq).collect();
            if seqs.is_empty() {
                continue;
            }
            let letters = jobs.iter().map(|(_, job)| job.clone()).collect();
            match self.base.db.outside(self.store.enqueue(letters)).await {
                Ok(_) => self.forget(&seqs).await?,
                Err(error) if error.is_transient() => {
                    self.give_back(&seqs, &error).await?;
                    return Err(error);
                }
                // one that the store never takes must not stand in the way of the others
                Err(_) if jobs.len() > 1 => {
                    let rest = jobs.split_off(jobs.len() / 2);
                    batches.extend([rest, jobs]);
                }
                Err(error) => self.park(seqs[0], &error.to_string()).await?,
            }
        }
        Ok(())
    }

    async fn forget(&self, seqs: &[i64]) -> Result<()> {
        let text = format!(
            "DELETE FROM atlas_job_outbox WHERE seq IN ({})",
            numbers(seqs)
        );
        self.base.alone(self.base.run(&text, Vec::new())).await?;
        Ok(())
    }

    /// Leaves a row where it is, for somebody to look at it: a time that never comes keeps it from being moved.
    async fn park(&self, seq: i64, words: &str) -> Result<()> {
        tracing::error!(target: "atlas::jobs", row = seq, error = words, "a job stays in the outbox, because it cannot be moved: mend or delete the row, and set its `leased_until` to 0 to have it moved");
        let text = self
            .base
            .fixed("UPDATE atlas_job_outbox SET leased_until = ?, last_error = ? WHERE seq = ?");
        let values: Vec<Value> = vec![PARKED.into(), storable(words).into(), seq.into()];
        self.base.alone(self.base.run(&text, values)).await?;
        Ok(())
    }

    /// How many jobs wait, and how long the oldest has.
    pub(super) async fn backlog(&self) -> Result<(u64, Duration)> {
        let text = self
            .base
            .fixed("SELECT count(*), {now} - min(written_at) FROM atlas_job_outbox");
        let found = self.base.alone(self.base.row(&text, Vec::new())).await?;
        let Some(found) = found else {
            return Ok((0, Duration::ZERO));
        };
        let (count, oldest): (i64, Option<i64>) = (at(&found, 0)?, at(&found, 1)?);
        let oldest = u64::try_from(oldest.unwrap_or(0)).unwrap_or(0);
        Ok((
            u64::try_from(count).unwrap_or(0),
            Duration::from_millis(oldest),
        ))
    }

    /// Takes the rows that come next, so that no other relay moves them meanwhile.
    async fn lease(&self) -> Result<Vec<Row>> {
        let lock = self.base.skip_locked();
        let text = self.base.text(("outbox", 0, 0), || {
            format!(
                "SELECT seq, {{now}} - written_at, job FROM atlas_job_outbox WHERE leased_until <= {{now}} \
                 ORDER BY seq LIMIT {BATCH}{lock}"
            )
        });
        let rows = self.base.rows(&text, Vec::new()).await?;
        let rows = rows.iter().map(read).collect::<Result<Vec<Row>>>()?;
        if !rows.is_empty() {
            let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
            let text = self.base.text(("outbox, lease", 0, 0), || {
                "UPDATE atlas_job_outbox SET leased_until = {now} + ?, attempts = attempts + 1"
                    .into()
            });
            let text = format!("{text} WHERE seq IN ({})", numbers(&seqs));
            self.base.run(&text, vec![millis(LEASE).into()]).await?;
        }
        Ok(rows)
    }

    /// Lets others move the rows, or this one a little later.
    async fn give_back(&self, seqs: &[i64], error: &Error) -> Result<()> {
        let text = self
            .base
            .fixed("UPDATE atlas_job_outbox SET leased_until = 0, last_error = ?");
        let text = format!("{text} WHERE seq IN ({})", numbers(seqs));
        let values: Vec<Value> = vec![storable(&error.to_string()).into()];
        self.base.alone(self.base.run(&text, values)).await?;
        Ok(())
    }
}

fn read(found: &QueryResult) -> Result<Row> {
    Ok(Row {
        seq: at(found, 0)?,
        lain: Duration::from_millis(u64::try_from(at::<i64>(found, 1)?).unwrap_or(0)),
        job: at(found, 2)?,
    })
}

/// Numbers of rows, as a list of SQL.
fn numbers(seqs: &[i64]) -> String {
    let seqs: Vec<String> = seqs.iter().map(i64::to_string).collect();
    seqs.join(", ")
}
