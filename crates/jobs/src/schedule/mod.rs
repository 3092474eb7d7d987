//! Schedules: jobs that are enqueued at the times of a cron expression, each tick once, in as many processes as there are.

mod cron;
mod declared;
mod dynamic;
mod plan;
mod scheduler;

pub use self::{
    cron::Cron, declared::Schedule, dynamic::Schedules, plan::Plan, scheduler::Scheduler,
};
