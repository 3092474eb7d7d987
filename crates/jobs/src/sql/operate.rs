//! What operators do to jobs.

use std::{collections::BTreeSet, time::Duration};

use atlas_db::sea_orm::Value;

use super::{
    base::{Base, Dialect, ENDLESS, LONGEST_LIST, list, millis, padded, places, storable},
    find::Condition,
    finish::FREE,
    row::{self, at, number},
};
use crate::{
    Error, JobId, Result, State,
    store::{Audit, By, Edit, Filter, Redrive},
};

/// How many dead jobs come back in one transaction.
const BATCH: usize = 100;

impl Base {
    /// Calls a job off.
    pub(super) async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        let was = self
            .transaction(|| async {
                let was = self.lock_job(id).await?.ok_or(Error::NoSuchJob(id))?;
                let text = match was {
                    State::Scheduled | State::Available => self.text(("cancel", 0, 0), || {
                        format!(
                            "UPDATE atlas_jobs SET state = 4, finished_at = {{now}}, turn = NULL, due_at = NULL, \
                             gate = NULL, {FREE} WHERE id = ?"
                        )
                    }),
                    State::Running => {
                        self.fixed("UPDATE atlas_jobs SET cancel_requested = 1 WHERE id = ?")
                    }
                    State::Completed | State::Cancelled | State::Dead => return Ok(was),
                };
                self.run(&text, vec![id.uuid().into()]).await?;
                self.note(by, "cancel", &id.to_string(), None).await?;
                Ok(was)
            })
            .await?;
        if was == State::Running {
            self.ring_control().await;
        }
        Ok(was)
    }

    /// Makes a job available at once.
    pub(super) async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        let (was, queue) = self
            .transaction(|| async {
                let was = self.lock_job(id).await?.ok_or(Error::NoSuchJob(id))?;
                if matches!(was, State::Available | State::Running | State::Completed) {
                    return Ok((was, None));
                }
                if was.is_terminal()
                    && let Some(holder) = self.revive(id, 0).await?
                {
                    return Err(Error::Invalid(format!(
                        "job `{holder}` holds the unique key of job `{id}`: wait until it is finished, or cancel it"
                    )));
                }
                if was == State::Scheduled {
                    let text = self.fixed("UPDATE atlas_jobs SET state = 1, run_at = {now} WHERE id = ?");
                    self.run(&text, vec![id.uuid().into()]).await?;
                    self.place(id).await?;
                }
                self.note(by, "retry", &id.to_string(), None).await?;
                let text = self.fixed("SELECT queue FROM atlas_jobs WHERE id = ?");
                let found = self.row(&text, vec![id.uuid().into()]).await?;
                let queue: Option<String> = found.map(|found| at(&found, 0)).transpose()?;
                Ok((was, queue))
            })
            .await?;
        self.ring(queue.into_iter().collect()).await;
        Ok(was)
    }

    /// Lets a locked job that had ended begin anew, so much later than now; says who holds its key, if another one does.
    async fn revive(&self, id: JobId, later: i64) -> Result<Option<JobId>> {
        // a window is over when it is over, and until then the job has never let go
        let text = self.text(("key of", 0, 0), || {
            let key = match self.dialect {
                Dialect::MySql => "CONVERT(unique_name USING utf8mb4)",
                _ => "unique_name",
            };
            format!("SELECT {key} FROM atlas_jobs WHERE id = ? AND unique_until <> 2")
        });
        let found = self.row(&text, vec![id.uuid().into()]).await?;
        let key: Option<String> = found.map(|found| at(&found, 0)).transpose()?.flatten();
        if let Some(key) = key {
            let free = self.fixed(
                "UPDATE atlas_jobs SET unique_key = NULL WHERE unique_key = ? AND key_until <= {now}",
            );
            self.run(&free, vec![key.as_str().into()]).await?;
            let holder = self.fixed("SELECT id FROM atlas_jobs WHERE unique_key = ?");
            if let Some(found) = self.row(&holder, vec![key.as_str().into()]).await? {
                return row::id(&found).map(Some);
            }
            let text = self.fixed("UPDATE atlas_jobs SET unique_key = unique_name WHERE id = ?");
            self.run(&text, vec![id.uuid().into()]).await?;
        }
        let text = self.fixed(
            "UPDATE atlas_jobs SET state = ?, run_at = {now} + ?, expires_at = {now} + ? + max_age_ms, attempt = 0, \
             crashes = 0, snoozes = 0, finished_at = NULL, reason = NULL, cancel_requested = 0 WHERE id = ?",
        );
        let state = if later > 0 {
            State::Scheduled
        } else {
            State::Available
        };
        let values = vec![
            number(state).into(),
            later.into(),
            later.into(),
            id.uuid().into(),
        ];
        self.run(&text, values).await?;
        self.place(id).await?;
        Ok(None)
    }

    /// Changes a job that waits or is dead.
    pub(super) async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.transaction(|| async {
            let state = self.lock_job(id).await?.ok_or(Error::NoSuchJob(id))?;
            let hint = match state {
                State::Scheduled | State::Available | State::Dead => None,
                State::Running => Some("wait until it is through, or cancel it"),
                State::Completed => Some("it is done: enqueue a new job instead"),
                State::Cancelled => Some("retry it, then it can be changed while it waits"),
            };
            if let Some(hint) = hint {
                return Err(Error::WrongState { id, state, hint });
            }
            if let Some(payload) = &edit.payload {
                let text = self.fixed("UPDATE atlas_jobs SET payload = ? WHERE id = ?");
                self.run(&text, vec![payload.clone().into(), id.uuid().into()])
                    .await?;
            }
            if let Some(attempts) = edit.max_attempts {
                let text = self.fixed("UPDATE atlas_jobs SET max_attempts = ? WHERE id = ?");
                let attempts = i64::from(attempts.clamp(1, i32::MAX as u32));
                self.run(&text, vec![attempts.into(), id.uuid().into()])
                    .await?;
            }
            if let Some(queue) = &edit.queue {
                let text = self.fixed("UPDATE atlas_jobs SET queue = ? WHERE id = ?");
                self.run(&text, vec![queue.as_str().into(), id.uuid().into()])
                    .await?;
            }
            self.note(by, "edit", &id.to_string(), None).await
        })
        .await?;
        self.ring(edit.queue.clone().into_iter().collect()).await;
        Ok(())
    }

    /// Brings dead jobs back, the one first that ended first.
    pub(super) async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        let (mut passed, mut back, mut queues) = (None, 0, BTreeSet::new());
        while back < redrive.limit {
            let some = (redrive.limit - back).min(BATCH);
            let (last, revived) = self
                .transaction(|| self.redrive_some(redrive, passed, some, back))
                .await?;
            back += revived.len();
            queues.extend(revived);
            passed = last;
            if passed.is_none() {
                break;
            }
        }
        let count = back as u64;
        self.alone(self.note_many(by, "redrive", &redrive.filter, count))
            .await?;
        self.ring(queues).await;
        Ok(count)
    }

    /// Brings some dead jobs back that ended after one. Says the last one that it met, unless there are no more, and the
    /// queues of those that are back.
    async fn redrive_some(
        &self,
        redrive: &Redrive,
        passed: Option<(i64, JobId)>,
        most: usize,
        before: usize,
    ) -> Result<(Option<(i64, JobId)>, Vec<String>)> {
        let mut condition = Condition::of(&redrive.filter);
        condition.and("state = 5", []);
        if let Some((at, id)) = passed {
            let values = [at.into(), at.into(), id.uuid().into()];
            condition.and("(finished_at > ? OR finished_at = ? AND id > ?)", values);
        }
        let text = self.dialect.write(&format!(
            "SELECT id, queue, finished_at FROM atlas_jobs WHERE {} ORDER BY finished_at, id LIMIT {most}{}",
            condition.text,
            self.skip_locked()
        ));
        let rows = self.rows(&text, condition.values).await?;
        let (mut last, mut revived) = (None, Vec::new());
        for found in &rows {
            let id = row::id(found)?;
            let place = i64::try_from(before + revived.len()).unwrap_or(i64::MAX);
            let later = millis(redrive.spacing).saturating_mul(place);
            let later = later.min(millis(ENDLESS));
            if self.revive(id, later).await?.is_none() {
                revived.push(at(found, 1)?);
            }
            last = Some((at(found, 2)?, id));
        }
        Ok((last.filter(|_| rows.len() == most), revived))
    }

    /// Notes what was done to all jobs that a filter met: of one job under its name.
    async fn note_many(&self, by: &By, action: &str, filter: &Filter, count: u64) -> Result<()> {
        let subject = match (filter.ids.as_deref(), &filter.queue) {
            (Some([id]), _) => id.to_string(),
            (_, Some(queue)) => queue.clone(),
            _ => "jobs".to_owned(),
        };
        self.note(by, action, &subject, Some(&format!("{count} jobs")))
            .await
    }

    /// Drops terminal jobs that a filter meets.
    pub(super) async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        let mut condition = Condition::of(filter);
        condition.and("state >= 3", []);
        let mut dropped = 0;
        while dropped < limit {
            let some = (limit - dropped).min(LONGEST_LIST);
            let now = self
                .transaction(|| async { Ok(self.delete(&condition, "id", some).await?.len()) })
                .await?;
            dropped += now;
            if now < some {
                break;
            }
        }
        let count = dropped as u64;
        self.alone(self.note_many(by, "drop", filter, count))
            .await?;
        Ok(count)
    }

    /// Drops jobs that finished long ago; those that hold a key for a window of time stay until that is over.
    pub(super) async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        if !state.is_terminal() {
            return Err(Error::Invalid(format!(
                "only jobs that are completed, cancelled or dead are pruned, not {state} ones"
            )));
        }
        if state == State::Completed {
            // once in a round of all states
            self.forget_unused_limits().await?;
        }
        let look = self
            .fixed("SELECT id FROM atlas_jobs WHERE state = ? AND finished_at < {now} - ? ORDER BY finished_at LIMIT 1");
        let values: Vec<Value> = vec![number(state).into(), millis(age).into()];
        if self.alone(self.row(&look, values.clone())).await?.is_none() {
            return Ok(0);
        }
        let condition = Condition {
            text: "state = ? AND finished_at < {now} - ? AND (unique_key IS NULL OR key_until <= {now})".into(),
            values,
        };
        let mut dropped = 0;
        while dropped < limit {
            let some = (limit - dropped).min(LONGEST_LIST);
            let now = self
                .transaction(|| async {
                    Ok(self.delete(&condition, "finished_at", some).await?.len())
                })
                .await?;
            dropped += now;
            if now < some {
                break;
            }
        }
        Ok(dropped as u64)
    }

    /// Deletes some jobs that a condition meets, with their failures.
    async fn delete(&self, condition: &Condition, order: &str, most: usize) -> Result<Vec<JobId>> {
        let select = self.dialect.write(&format!(
            "SELECT id FROM atlas_jobs WHERE {} ORDER BY {order} LIMIT {most}{}",
            condition.text,
            self.skip_locked()
        ));
        let rows = self.rows(&select, condition.values.clone()).await?;
        let ids = rows.iter().map(row::id).collect::<Result<Vec<_>>>()?;
        if ids.is_empty() {
            return Ok(ids);
        }
        let all = places(ids.len());
        for (shape, text) in [
            (
                "delete failures",
                "DELETE FROM atlas_job_failures WHERE job",
            ),
            ("delete", "DELETE FROM atlas_jobs WHERE id"),
        ] {
            let text = self.text((shape, all, 0), || {
                format!("{text} IN ({})", list("?", all))
            });
            self.run(
                &text,
                padded(&ids).map(|id| Value::from(id.uuid())).collect(),
            )
            .await?;
        }
        Ok(ids)
    }

    /// Pauses a queue, or lets it go on.
    pub(super) async fn pause(&self, queue: &str, paused: bool, by: &By) -> Result<()> {
        let changed = self
            .transaction(|| async {
                let there = self.fixed("SELECT 1 FROM atlas_job_queues WHERE name = ?");
                let there = self.row(&there, vec![queue.into()]).await?.is_some();
                if there == paused {
                    return Ok(false);
                }
                let (text, action) = if paused {
                    let known = match self.dialect {
                        Dialect::MySql => "ON DUPLICATE KEY UPDATE name = VALUES(name)",
                        _ => "ON CONFLICT DO NOTHING",
                    };
                    let text = self.text(("pause", 0, 0), || {
                        format!(
                            "INSERT INTO atlas_job_queues (name, paused_at) VALUES (?, {{now}}) {known}"
                        )
                    });
                    (text, "pause")
                } else {
                    let text = self.fixed("DELETE FROM atlas_job_queues WHERE name = ?");
                    (text, "resume")
                };
                self.run(&text, vec![queue.into()]).await?;
                self.note(by, action, queue, None).await?;
                Ok(true)
            })
            .await?;
        if !changed {
            return Ok(());
        }
        if !paused {
            self.ring(BTreeSet::from([queue.to_owned()])).await;
        }
        self.ring_control().await;
        Ok(())
    }

    /// Adds a line to the audit.
    pub(super) async fn note(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        let text = self.fixed(
            "INSERT INTO atlas_job_audit (at, actor, action, subject, detail) VALUES ({now}, ?, ?, ?, ?)",
        );
        let detail = match (detail, &by.why) {
            (Some(detail), Some(why)) => Some(format!("{detail}: {why}")),
            (detail, why) => detail.map(str::to_owned).or_else(|| why.clone()),
        };
        let values = vec![
            storable(&by.actor).into(),
            action.into(),
            storable(subject).into(),
            Value::from(detail.as_deref().map(storable)),
        ];
        self.run(&text, values).await?;
        Ok(())
    }

    /// The newest lines of the audit.
    pub(super) async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        let columns = format!(
            "at, actor, action, {}, detail",
            self.dialect.column("subject")
        );
        let (condition, values) = match subject {
            Some(subject) => (" WHERE subject = ?", vec![subject.into()]),
            None => ("", Vec::new()),
        };
        let text = self.dialect.write(&format!(
            "SELECT {columns} FROM atlas_job_audit{condition} ORDER BY seq DESC LIMIT {}",
            limit.min(LONGEST_LIST * 20)
        ));
        let rows = self.alone(self.rows(&text, values)).await?;
        rows.iter().map(row::audit).collect()
    }
}
