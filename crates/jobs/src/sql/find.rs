//! Looking at jobs.

use std::{collections::BTreeMap, time::Duration};

use atlas_db::sea_orm::{QueryResult, Value};

use super::{
    base::{Base, LONGEST_LIST, list, padded, places},
    row::{self, FAILURE, at, number},
};
use crate::{
    Failure, JobId, JobRecord, Result, State,
    store::{Filter, Page, QueueStats, Stats},
};

/// A condition, and the values in it.
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Condition {
    /// What a filter says.
    pub(super) fn of(filter: &Filter) -> Self {
        let mut all = Self {
            text: "1 = 1".into(),
            values: Vec::new(),
        };
        if let Some(ids) = &filter.ids {
            let ids: Vec<Value> = ids.iter().map(|id| id.uuid().into()).collect();
            all.among("id", &ids);
        }
        if let Some(queue) = &filter.queue {
            all.and("queue = ?", [queue.as_str().into()]);
        }
        if let Some(kind) = &filter.kind {
            let kind = kind.split_once('@').map_or(kind.as_str(), |(kind, _)| kind);
            // `@` and `A` are neighbours: between them is every version
            let (from, to) = (format!("{kind}@"), format!("{kind}A"));
            all.and(
                "(kind = ? OR kind > ? AND kind < ?)",
                [kind.into(), from.into(), to.into()],
            );
        }
        if !filter.states.is_empty() {
            let states: Vec<Value> = filter.states.iter().map(|it| number(*it).into()).collect();
            all.among("state", &states);
        }
        if let Some(reason) = filter.reason {
            all.and("reason = ?", [reason.name().into()]);
        }
        if let Some(schedule) = &filter.schedule {
            all.and("schedule = ?", [schedule.as_str().into()]);
        }
        if let Some(before) = filter.finished_before {
            all.and("finished_at < ?", [before.timestamp_millis().into()]);
        }
        all
    }

    pub(super) fn and(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(" AND ");
        self.text.push_str(text);
        self.values.extend(values);
    }

    fn among(&mut self, column: &str, values: &[Value]) {
        if values.is_empty() {
            return self.and("1 = 0", []);
        }
        let text = format!("{column} IN ({})", list("?", places(values.len())));
        self.and(&text, padded(values).cloned());
    }
}

impl Base {
    /// The job of a name.
    pub(super) async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        let text = self.text(("find", 0, 0), || {
            format!(
                "SELECT {} FROM atlas_jobs WHERE id = ?",
                self.dialect.job_columns()
            )
        });
        let found = self.alone(self.row(&text, vec![id.uuid().into()])).await?;
        found.as_ref().map(row::job).transpose()
    }

    /// What went wrong with a job, oldest first.
    pub(super) async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        let text = self.text(("failures of", 0, 0), || {
            format!("SELECT {FAILURE} FROM atlas_job_failures WHERE job = ? ORDER BY seq")
        });
        let rows = self.alone(self.rows(&text, vec![id.uuid().into()])).await?;
        rows.iter().map(row::failure).collect()
    }

    /// The jobs that a filter meets, newest first.
    pub(super) async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        let mut condition = Condition::of(filter);
        if let Some(after) = page.after {
            condition.and("id < ?", [after.uuid().into()]);
        }
        let text = self.dialect.write(&format!(
            "SELECT {} FROM atlas_jobs WHERE {} ORDER BY id DESC LIMIT {}",
            self.dialect.job_columns(),
            condition.text,
            page.limit.min(LONGEST_LIST * 20)
        ));
        let rows = self.alone(self.rows(&text, condition.values)).await?;
        rows.iter().map(row::job).collect()
    }

    /// How many jobs there are.
    pub(super) async fn stats(&self, all: bool) -> Result<Stats> {
        self.alone(self.count(all)).await
    }

    async fn count(&self, all: bool) -> Result<Stats> {
        let mut queues: BTreeMap<String, QueueStats> = BTreeMap::new();
        let now = self.now().await?;
        let waiting = self.text(("stats", 0, 0), || {
            let part = |state: State, set: &str, oldest: &str| {
                format!(
                    "SELECT queue, CAST({} AS {{big}}), count(*), {oldest} FROM atlas_jobs \
                     WHERE {set} IS NOT NULL GROUP BY queue",
                    number(state)
                )
            };
            [
                part(State::Scheduled, "due_at", "min(due_at)"),
                part(State::Available, "turn", "min(run_at)"),
                part(State::Running, "lease_until", "min(lease_until)"),
            ]
            .join(" UNION ALL ")
        });
        for found in self.rows(&waiting, Vec::new()).await? {
            let (stats, state, count) = tally(&mut queues, &found)?;
            stats.jobs.insert(state, count);
            if state == State::Available {
                let waited = now.timestamp_millis() - at::<i64>(&found, 3)?;
                stats.oldest = Some(Duration::from_millis(u64::try_from(waited).unwrap_or(0)));
            }
        }
        if all {
            let ended = self.fixed(
                "SELECT queue, CAST(state AS {big}), count(*) FROM atlas_jobs \
                 WHERE state >= 3 AND finished_at IS NOT NULL GROUP BY queue, state",
            );
            for found in self.rows(&ended, Vec::new()).await? {
                let (stats, state, count) = tally(&mut queues, &found)?;
                stats.jobs.insert(state, count);
            }
        }
        let paused = self.fixed("SELECT name FROM atlas_job_queues");
        for found in self.rows(&paused, Vec::new()).await? {
            queues.entry(at(&found, 0)?).or_default().paused = true;
        }
        Ok(Stats { now, queues })
    }

    /// Makes sure that the tables are there.
    pub(crate) async fn prepare(&self) -> Result<()> {
        let columns = self.dialect.job_columns();
        let mut texts = vec![format!(
            "SELECT {columns}, turn, due_at, gate, unique_name, key_until, max_age_ms FROM atlas_jobs WHERE 1 = 0"
        )];
        let others = super::migration::NAMES
            .iter()
            .filter(|it| **it != "atlas_jobs");
        texts.extend(others.map(|table| format!("SELECT 1 FROM {table} WHERE 1 = 0")));
        for text in texts {
            let text = self.dialect.write(&text);
            self.alone(self.rows(&text, Vec::new())).await?;
        }
        Ok(())
    }

    /// Locks a job, and says where it is.
    pub(super) async fn lock_job(&self, id: JobId) -> Result<Option<State>> {
        let lock = self.for_update();
        let text = self.text(("lock job", 0, 0), || {
            format!("SELECT state FROM atlas_jobs WHERE id = ?{lock}")
        });
        let found = self.row(&text, vec![id.uuid().into()]).await?;
        found.map(|found| row::state(at(&found, 0)?)).transpose()
    }
}

fn tally<'a>(
    queues: &'a mut BTreeMap<String, QueueStats>,
    found: &QueryResult,
) -> Result<(&'a mut QueueStats, State, u64)> {
    let state = row::state(i16::try_from(at::<i64>(found, 1)?).unwrap_or(-1))?;
    let count = u64::try_from(at::<i64>(found, 2)?).unwrap_or(0);
    Ok((queues.entry(at(found, 0)?).or_default(), state, count))
}
