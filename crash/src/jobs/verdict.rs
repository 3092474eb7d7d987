//! What must be true whatever happened.

use std::{collections::HashMap, path::Path, time::Duration};

use anyhow::{Context, Result};
use atlas_db::{
    Db,
    sea_orm::{self, FromQueryResult},
    sql,
};
use atlas_jobs::{
    JobRecord, State,
    store::{Filter, Page, Store},
};

use crate::{Line, lines};

/// What a case has left behind: its jobs, its effects and its ledgers.
#[derive(Debug)]
pub struct Verdict {
    /// All jobs.
    pub jobs: Vec<JobRecord>,
    /// How many effects each has.
    pub effects: HashMap<String, u32>,
    /// What the processes wrote down.
    pub lines: Vec<Line>,
}

impl Verdict {
    /// Waits until no job waits or runs any more, and gathers what is left.
    ///
    /// # Errors
    ///
    /// When some still do after `patience`; when something cannot be read.
    pub async fn of(store: &dyn Store, db: &Db, folder: &Path, patience: Duration) -> Result<Self> {
        let waited = tokio::time::timeout(patience, settled(store)).await;
        let jobs = all(store).await?;
        if waited.is_err() {
            let left: Vec<_> = jobs
                .iter()
                .filter(|it| !it.state.is_terminal())
                .map(|it| (it.id, it.state, it.attempt, it.crashes))
                .collect();
            anyhow::bail!("after {patience:?} these jobs are not at an end: {left:?}");
        }
        let rows: Vec<Effects> = sql("SELECT job, COUNT(*) AS times FROM effects GROUP BY job")
            .all(db)
            .await
            .context("the effects")?;
        let effects = rows.into_iter().map(|it| {
            let times = u32::try_from(it.times).unwrap_or(u32::MAX);
            (it.job.trim().to_owned(), times)
        });
        Ok(Self {
            jobs,
            effects: effects.collect(),
            lines: lines(folder)?,
        })
    }

    /// How many effects a job has.
    #[must_use]
    pub fn effects_of(&self, job: &JobRecord) -> u32 {
        self.effects.get(&job.id.to_string()).copied().unwrap_or(0)
    }

    /// How many runs began and never came to an end.
    #[must_use]
    pub fn cut_short(&self) -> usize {
        let of = |what: &str| self.lines.iter().filter(|it| it.what == what).count();
        of("start") - of("end") - of("told")
    }

    /// Says what is not as it must be, in every case: nothing is lost (I1), no job ran twice at a time under leases that both
    /// held (I3), attempts stay within their bound (I4).
    #[must_use]
    pub fn faults(&self, enqueued: usize, lease: Duration) -> Vec<String> {
        let mut faults = Vec::new();
        if self.jobs.len() != enqueued {
            faults.push(format!(
                "{enqueued} jobs were enqueued, and {} are there",
                self.jobs.len()
            ));
        }
        let mut of_jobs: HashMap<&str, Vec<&Line>> = HashMap::new();
        for line in &self.lines {
            of_jobs.entry(&line.item).or_default().push(line);
        }
        for job in &self.jobs {
            let (id, effects) = (job.id, self.effects_of(job));
            if job.state == State::Completed && effects == 0 {
                faults.push(format!("{id} is completed and has no effect"));
            }
            if job.attempt > job.max_attempts {
                faults.push(format!("{id} was attempted {} times", job.attempt));
            }
            let id = id.to_string();
            let lines = of_jobs.get(&*id).map_or(&[][..], Vec::as_slice);
            faults.extend(overlaps(&id, lines, lease));
        }
        faults
    }
}

/// Runs of one job that overlap although the lease of the first had not run out.
fn overlaps(id: &str, lines: &[&Line], lease: Duration) -> Option<String> {
    let mut runs: Vec<(u64, u64, u64)> = Vec::new();
    for line in lines {
        match line.what.as_str() {
            "start" => runs.push((line.fence, line.at, u64::MAX)),
            _ => {
                if let Some(run) = runs.iter_mut().find(|it| it.0 == line.fence) {
                    run.2 = line.at;
                }
            }
        }
    }
    let lease = u64::try_from(lease.as_micros()).unwrap_or(u64::MAX);
    let pairs = runs.windows(2);
    // a run that was cut short ended with its process, at the latest when its lease had run out
    let mut bad =
        pairs.filter(|it| it[0].2 != u64::MAX && it[1].1 < it[0].2 && it[1].1 < it[0].1 + lease);
    let pair = bad.next()?;
    Some(format!(
        "{id} ran under the fences {} and {} at a time",
        pair[0].0, pair[1].0
    ))
}

#[derive(FromQueryResult)]
struct Effects {
    job: String,
    times: i64,
}

async fn settled(store: &dyn Store) {
    loop {
        if let Ok(stats) = store.stats(false).await {
            let mut jobs = stats.queues.values().flat_map(|queue| &queue.jobs);
            if jobs.all(|(state, count)| state.is_terminal() || *count == 0) {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn all(store: &dyn Store) -> Result<Vec<JobRecord>> {
    let (mut all, limit) = (Vec::new(), 500);
    loop {
        let after = all.last().map(|it: &JobRecord| it.id);
        let page = store
            .list(&Filter::default(), Page { after, limit })
            .await?;
        let last = page.len() < limit;
        all.extend(page);
        if last {
            return Ok(all);
        }
    }
}
