//! Schedules.

use std::sync::Arc;

use atlas_db::sea_orm::Value;

use super::{
    base::{Base, Dialect, signed},
    row::{self, SCHEDULE},
};
use crate::{
    Error, Result, Time,
    store::{By, Fire, ScheduleRecord, Tick},
};

impl Base {
    /// All schedules, by name.
    pub(super) async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        let text = self.text(("schedules", 0, 0), || {
            format!("SELECT {SCHEDULE} FROM atlas_job_schedules ORDER BY name")
        });
        let rows = self.alone(self.rows(&text, Vec::new())).await?;
        rows.iter().map(row::schedule).collect()
    }

    /// Adds a schedule, or changes the one of that name.
    pub(super) async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        let options = serde_json::to_string(&schedule.options);
        let options = options.map_err(|error| Error::Refused(error.into()))?;
        let is_changed = self
            .transaction(|| async {
                let action = match self.schedule(&schedule.name).await? {
                    None => Some("schedule.add"),
                    Some(known) if known == *schedule => return Ok(false),
                    Some(known) if known.says_the_same_as(schedule) => None,
                    Some(_) => Some("schedule.change"),
                };
                let (text, values) = self.put(schedule, &options);
                self.run(&text, values).await?;
                if let Some(action) = action {
                    let cron = Some(schedule.cron.as_str());
                    self.note(by, action, &schedule.name, cron).await?;
                }
                Ok(action.is_some())
            })
            .await?;
        if is_changed {
            self.ring_control().await;
        }
        Ok(())
    }

    /// The statement that writes a schedule.
    fn put(&self, schedule: &ScheduleRecord, options: &str) -> (Arc<str>, Vec<Value>) {
        const KEPT: [&str; 11] = [
            "cron",
            "zone",
            "kind",
            "payload",
            "queue",
            "options",
            "jitter_ms",
            "misfire",
            "from_code",
            "declared_at",
            "next_tick",
        ];
        let text = self.text(("put schedule", 0, 0), || {
            let known = match self.dialect {
                Dialect::MySql => "ON DUPLICATE KEY UPDATE",
                _ => "ON CONFLICT (name) DO UPDATE SET",
            };
            let new = |it: &str| match self.dialect {
                Dialect::MySql => format!("{it} = VALUES({it})"),
                _ => format!("{it} = excluded.{it}"),
            };
            let set: Vec<String> = KEPT.into_iter().map(new).collect();
            format!(
                "INSERT INTO atlas_job_schedules ({SCHEDULE}) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {known} {}",
                set.join(", ")
            )
        });
        let millis = |at: Option<Time>| Value::from(at.map(|at| at.timestamp_millis()));
        let values = vec![
            schedule.name.as_str().into(),
            schedule.cron.as_str().into(),
            schedule.zone.as_str().into(),
            schedule.kind.as_str().into(),
            schedule.payload.as_str().into(),
            schedule.queue.clone().into(),
            options.into(),
            signed(schedule.jitter_ms).into(),
            row::misfire(schedule.misfire).into(),
            i64::from(schedule.paused).into(),
            i64::from(schedule.from_code).into(),
            millis(schedule.declared_at),
            millis(schedule.last_tick),
            millis(schedule.next_tick),
        ];
        (text, values)
    }

    /// Notes that the code declares a schedule.
    pub(super) async fn declared(&self, name: &str, at: Time) -> Result<()> {
        let text = self.fixed(
            "UPDATE atlas_job_schedules SET declared_at = ? WHERE name = ? AND declared_at < ?",
        );
        let at = at.timestamp_millis();
        let values = vec![at.into(), name.into(), at.into()];
        self.alone(self.run(&text, values)).await?;
        Ok(())
    }

    async fn schedule(&self, name: &str) -> Result<Option<ScheduleRecord>> {
        let lock = self.for_update();
        let text = self.text(("schedule", 0, 0), || {
            format!("SELECT {SCHEDULE} FROM atlas_job_schedules WHERE name = ?{lock}")
        });
        let found = self.row(&text, vec![name.into()]).await?;
        found.as_ref().map(row::schedule).transpose()
    }

    /// Removes a schedule, and says whether it was there.
    pub(super) async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        let there = self
            .transaction(|| async {
                let text = self.fixed("DELETE FROM atlas_job_schedules WHERE name = ?");
                let there = self.run(&text, vec![name.into()]).await? > 0;
                if there {
                    self.note(by, "schedule.remove", name, None).await?;
                }
                Ok(there)
            })
            .await?;
        if there {
            self.ring_control().await;
        }
        Ok(there)
    }

    /// Pauses a schedule, or lets it go on.
    pub(super) async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.transaction(|| async {
            let text = self.fixed(
                "UPDATE atlas_job_schedules SET paused = ?, next_tick = CASE WHEN ? = 0 THEN ? ELSE next_tick END \
                 WHERE name = ?",
            );
            let values = vec![
                i64::from(paused).into(),
                i64::from(paused).into(),
                next.map(|at| at.timestamp_millis()).into(),
                name.into(),
            ];
            if self.run(&text, values).await? == 0 {
                return Err(Error::NoSuchSchedule(name.to_owned()));
            }
            let action = if paused { "schedule.pause" } else { "schedule.resume" };
            self.note(by, action, name, None).await
        })
        .await?;
        self.ring_control().await;
        Ok(())
    }

    /// Fires a tick, if nobody has before.
    pub(super) async fn fire(&self, tick: &Tick) -> Result<Fire> {
        self.transaction(|| async {
            let text = self.fixed(
                "UPDATE atlas_job_schedules SET last_tick = ?, next_tick = ? \
                 WHERE name = ? AND next_tick = ? AND paused = 0",
            );
            let expected = tick.expected.timestamp_millis();
            let values = vec![
                expected.into(),
                tick.next.map(|at| at.timestamp_millis()).into(),
                tick.schedule.as_str().into(),
                expected.into(),
            ];
            if self.run(&text, values).await? == 0 {
                return Ok(Fire::Missed);
            }
            self.enqueue(&tick.jobs).await?;
            Ok(Fire::Fired)
        })
        .await
    }
}
