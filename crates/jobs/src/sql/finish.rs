//! Recording what came of runs.

use std::collections::{BTreeSet, HashMap};

use atlas_db::sea_orm::Value;

use super::{
    base::{Base, Dialect, LONGEST_LIST, list, millis, padded, places, storable},
    lease::key,
    row::{self, at, number},
};
use crate::{
    FailureKind, JobId, Result, State,
    store::{By, End, Finish, Lease, Verdict},
};

/// What frees the key of a job that ends, unless it is held for a window of time.
pub(super) const FREE: &str = "unique_key = CASE WHEN unique_until = 2 THEN unique_key END";

/// A failure on its way into the tables.
pub(super) struct NewFailure {
    pub(super) job: JobId,
    pub(super) attempt: i64,
    pub(super) kind: FailureKind,
    pub(super) message: String,
    pub(super) backtrace: Option<String>,
    pub(super) worker: Option<String>,
}

/// What is to be recorded of the jobs whose runs ended, by their leases.
type Applied = HashMap<(JobId, i64), Told>;

/// What is known of a job whose end was recorded.
struct Told {
    queue: String,
    /// It may have made room for another one.
    limited: bool,
    /// It was called off while it ran.
    cancelled: bool,
    worker: Option<String>,
}

/// What an end does to the row.
struct Change {
    state: State,
    /// It runs again so much later.
    delay: Option<i64>,
    /// How many attempts do not count.
    undo: i64,
    snoozes: i64,
    reason: Option<&'static str>,
}

impl Base {
    /// Records the ends of runs, in the caller's transaction if there is one.
    pub(super) async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        if ends.is_empty() {
            return Ok(Vec::new());
        }
        // a second end of one run comes too late
        let mut seen = BTreeSet::new();
        let firsts: Vec<bool> = ends.iter().map(|it| seen.insert(key(&it.lease))).collect();
        let (done, mut others): (Vec<&Finish>, Vec<&Finish>) = ends
            .iter()
            .zip(&firsts)
            .filter_map(|(end, first)| first.then_some(end))
            .partition(|it| it.end == End::Done && it.failure.is_none());
        // rows are locked in the order of their names
        let mut done: Vec<Lease> = done.iter().map(|it| it.lease).collect();
        done.sort_by_key(|lease| lease.job);
        others.sort_by_key(|it| it.lease.job);
        let at_once = others.is_empty()
            && done.len() <= LONGEST_LIST
            && self.dialect != Dialect::MySql
            && !self.db.in_transaction();
        let applied = if at_once {
            self.alone(self.complete(&done)).await?
        } else {
            self.joined(|| self.record(&done, &others)).await?
        };
        let mut queues: BTreeSet<String> = BTreeSet::new();
        for end in ends {
            if let Some(told) = applied.get(&key(&end.lease)) {
                let waits = !Change::of(&end.end, told.cancelled).state.is_terminal();
                if told.limited || waits {
                    queues.insert(told.queue.clone());
                }
            }
        }
        self.ring(queues).await;
        let verdict = |(end, first): (&Finish, &bool)| match applied.get(&key(&end.lease)) {
            Some(_) if *first => Verdict::Applied,
            _ => Verdict::Stale,
        };
        Ok(ends.iter().zip(&firsts).map(verdict).collect())
    }

    async fn record(&self, done: &[Lease], others: &[&Finish]) -> Result<Applied> {
        let mut applied = Applied::new();
        for done in done.chunks(LONGEST_LIST) {
            applied.extend(match self.dialect {
                Dialect::MySql => self.complete_locked(done).await?,
                Dialect::Sqlite | Dialect::Postgres => self.complete(done).await?,
            });
        }
        for others in others.chunks(LONGEST_LIST) {
            let met = self.lock_held(others).await?;
            for end in others {
                if let Some(told) = met.get(&key(&end.lease)) {
                    self.change(end, told.cancelled).await?;
                    self.note_cancelled(end, told.worker.as_deref()).await?;
                }
            }
            let failures = others.iter().filter(|it| met.contains_key(&key(&it.lease)));
            self.add_failures(failures.filter_map(|it| new_failure(it)).collect())
                .await?;
            applied.extend(met);
        }
        Ok(applied)
    }

    /// Completes jobs by one statement.
    async fn complete(&self, leases: &[Lease]) -> Result<Applied> {
        if leases.is_empty() {
            return Ok(Applied::new());
        }
        let text = self.text(("complete", places(leases.len()), 0), || {
            format!(
                "UPDATE atlas_jobs SET {COMPLETE} {} \
                 RETURNING id, fence, queue, limit_key IS NOT NULL, cancel_requested, worker",
                self.dialect.held(places(leases.len()))
            )
        });
        let values = self.dialect.leases(leases);
        let rows = self.rows(&text, values).await?;
        rows.iter().map(told).collect()
    }

    /// Completes jobs inside of a transaction.
    async fn complete_locked(&self, leases: &[Lease]) -> Result<Applied> {
        let ids: Vec<JobId> = leases.iter().map(|it| it.job).collect();
        let met = self.lock(&ids, leases.iter().map(key).collect()).await?;
        let ids: Vec<JobId> = met.keys().map(|(id, _)| *id).collect();
        if !ids.is_empty() {
            let text = self.text(("complete, update", places(ids.len()), 0), || {
                format!(
                    "UPDATE atlas_jobs SET {COMPLETE} WHERE id IN ({})",
                    list("?", places(ids.len()))
                )
            });
            self.run(
                &text,
                padded(&ids).map(|id| Value::from(id.uuid())).collect(),
            )
            .await?;
        }
        Ok(met)
    }

    async fn lock_held(&self, ends: &[&Finish]) -> Result<Applied> {
        let ids: Vec<JobId> = ends.iter().map(|it| it.lease.job).collect();
        self.lock(&ids, ends.iter().map(|it| key(&it.lease)).collect())
            .await
    }

    /// Locks those jobs that run under one of these leases.
    async fn lock(&self, ids: &[JobId], leases: BTreeSet<(JobId, i64)>) -> Result<Applied> {
        if ids.is_empty() {
            return Ok(Applied::new());
        }
        let lock = self.for_update();
        let text = self.text(("finish", places(ids.len()), 0), || {
            format!(
                "SELECT id, fence, queue, CASE WHEN limit_key IS NULL THEN 0 ELSE 1 END, cancel_requested, worker \
                 FROM atlas_jobs WHERE id IN ({}) AND state = 2 ORDER BY id{lock}",
                list("?", places(ids.len()))
            )
        });
        let values = padded(ids).map(|id| Value::from(id.uuid())).collect();
        let rows = self.rows(&text, values).await?;
        let met: Applied = rows.iter().map(told).collect::<Result<_>>()?;
        Ok(met
            .into_iter()
            .filter(|(key, _)| leases.contains(key))
            .collect())
    }

    /// Records the end of one run, whose row is locked.
    async fn change(&self, end: &Finish, cancelled: bool) -> Result<()> {
        let change = Change::of(&end.end, cancelled);
        let text = self.fixed(
            "UPDATE atlas_jobs SET state = ?, lease_until = NULL, run_at = CASE WHEN ? = 1 THEN {now} + ? ELSE run_at END, \
             attempt = attempt - ?, snoozes = snoozes + ?, reason = ? WHERE id = ?",
        );
        let values = vec![
            number(change.state).into(),
            i64::from(change.delay.is_some()).into(),
            change.delay.unwrap_or(0).into(),
            change.undo.into(),
            change.snoozes.into(),
            change.reason.into(),
            end.lease.job.uuid().into(),
        ];
        self.run(&text, values).await?;
        if !change.state.is_terminal() {
            return self.place(end.lease.job).await;
        }
        let text = self.text(("end", 0, 0), || {
            format!("UPDATE atlas_jobs SET finished_at = {{now}}, gate = NULL, {FREE} WHERE id = ?")
        });
        self.run(&text, vec![end.lease.job.uuid().into()]).await?;
        Ok(())
    }

    /// Notes why workers called jobs off.
    async fn note_cancelled(&self, end: &Finish, worker: Option<&str>) -> Result<()> {
        let End::Cancelled(why) = &end.end else {
            return Ok(());
        };
        let by = By::new(worker.unwrap_or_default());
        self.note(&by, "cancel", &end.lease.job.to_string(), Some(why))
            .await
    }

    /// Adds failures.
    pub(super) async fn add_failures(&self, failures: Vec<NewFailure>) -> Result<()> {
        for some in failures.chunks(64) {
            let text = self.text(("failures", some.len(), 0), || {
                format!(
                    "INSERT INTO atlas_job_failures (job, attempt, at, kind, message, backtrace, worker) VALUES {}",
                    list("(?, ?, {now}, ?, ?, ?, ?)", some.len())
                )
            });
            let values = some.iter().flat_map(|it| {
                [
                    it.job.uuid().into(),
                    it.attempt.into(),
                    it.kind.name().into(),
                    storable(&it.message).into(),
                    Value::from(it.backtrace.as_deref().map(storable)),
                    Value::from(it.worker.as_deref().map(storable)),
                ]
            });
            self.run(&text, values.collect()).await?;
        }
        Ok(())
    }
}

const COMPLETE: &str = "state = 3, finished_at = {now}, lease_until = NULL, gate = NULL, \
                        unique_key = CASE WHEN unique_until = 2 THEN unique_key END";

impl Change {
    /// What an end does to a job; one that was called off does not come back.
    fn of(end: &End, cancelled: bool) -> Self {
        let mut change = Self {
            state: State::Completed,
            delay: None,
            undo: 0,
            snoozes: 0,
            reason: None,
        };
        let later = |delay: i64| match delay {
            0 => State::Available,
            _ => State::Scheduled,
        };
        match end {
            End::Done => {}
            End::Retry(wait) => {
                change.state = later(millis(*wait));
                change.delay = Some(millis(*wait));
            }
            End::Snooze(wait) => {
                change.state = later(millis(*wait));
                change.delay = Some(millis(*wait));
                (change.undo, change.snoozes) = (1, 1);
            }
            End::HandBack => {
                change.state = State::Available;
                change.undo = 1;
            }
            End::Cancelled(_) => change.state = State::Cancelled,
            End::Dead(reason) => {
                change.state = State::Dead;
                change.reason = Some(reason.name());
            }
        }
        if cancelled && !change.state.is_terminal() {
            (change.state, change.delay) = (State::Cancelled, None);
        }
        change
    }
}

fn new_failure(end: &Finish) -> Option<NewFailure> {
    let failure = end.failure.as_ref()?;
    Some(NewFailure {
        job: end.lease.job,
        attempt: failure.attempt.into(),
        kind: failure.kind,
        message: failure.message.clone(),
        backtrace: failure.backtrace.clone(),
        worker: failure.worker.clone(),
    })
}

fn told(found: &atlas_db::sea_orm::QueryResult) -> Result<((JobId, i64), Told)> {
    let limited: Result<bool> = at(found, 3);
    let told = Told {
        queue: at(found, 2)?,
        limited: match limited {
            Ok(limited) => limited,
            Err(_) => at::<i32>(found, 3)? != 0,
        },
        cancelled: at::<i16>(found, 4)? != 0,
        worker: at(found, 5)?,
    };
    Ok(((row::id(found)?, at(found, 1)?), told))
}
