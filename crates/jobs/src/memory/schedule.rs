//! Schedules.

use super::{bell::Ring, core::Core};
use crate::{
    Error, Result, Time,
    store::{By, Fire, ScheduleRecord, Tick},
};

impl Core {
    /// Adds a schedule, or changes it.
    pub(super) fn put_schedule(&mut self, schedule: &ScheduleRecord, by: &By) {
        let mut schedule = schedule.clone();
        let known = self.schedules.get(&schedule.name);
        if let Some(known) = known {
            schedule.paused = known.paused;
            schedule.last_tick = known.last_tick;
        }
        let action = match known {
            None => Some("schedule.add"),
            Some(known) if known.says_the_same_as(&schedule) => None,
            Some(_) => Some("schedule.change"),
        };
        if let Some(action) = action {
            self.note(by, action, &schedule.name, Some(schedule.cron.clone()));
            self.rings.insert(Ring::Control);
        }
        self.schedules.insert(schedule.name.clone(), schedule);
    }

    /// Notes that the code declares a schedule.
    pub(super) fn declared(&mut self, name: &str, at: Time) {
        if let Some(schedule) = self.schedules.get_mut(name)
            && schedule.declared_at.is_some_and(|known| known < at)
        {
            schedule.declared_at = Some(at);
        }
    }

    /// Removes a schedule.
    pub(super) fn remove_schedule(&mut self, name: &str, by: &By) -> bool {
        let removed = self.schedules.remove(name).is_some();
        if removed {
            self.note(by, "schedule.remove", name, None);
            self.rings.insert(Ring::Control);
        }
        removed
    }

    /// Pauses a schedule, or lets it go on.
    pub(super) fn pause_schedule(
        &mut self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        let schedule = self.schedules.get_mut(name);
        let schedule = schedule.ok_or_else(|| Error::NoSuchSchedule(name.to_owned()))?;
        schedule.paused = paused;
        if !paused {
            schedule.next_tick = next;
        }
        let action = if paused {
            "schedule.pause"
        } else {
            "schedule.resume"
        };
        self.note(by, action, name, None);
        self.rings.insert(Ring::Control);
        Ok(())
    }

    /// Fires a tick.
    pub(super) fn fire(&mut self, tick: &Tick) -> Result<Fire> {
        let due = self.schedules.get(&tick.schedule);
        if !due.is_some_and(|it| !it.paused && it.next_tick == Some(tick.expected)) {
            return Ok(Fire::Missed);
        }
        self.enqueue(tick.jobs.clone())?;
        if let Some(schedule) = self.schedules.get_mut(&tick.schedule) {
            schedule.last_tick = Some(tick.expected);
            schedule.next_tick = tick.next;
        }
        Ok(Fire::Fired)
    }
}
