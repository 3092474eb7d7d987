//! From the checked graph to a running app and back: construction, hooks, tasks, signals, shutdown.

mod build;
mod catch;
mod last_words;
mod lifecycle;
mod phase;
mod reason;
mod report;
mod run_error;
mod running;
mod shutdown;
mod signal;
mod start;
mod start_error;
mod stop;
mod stop_error;
mod unit;
mod watchdog;
mod words;

pub(crate) use self::{
    build::{Allowed, Builds, Built, Plan, construct},
    catch::catch_future,
    lifecycle::Desk,
    report::Recorder,
    running::{Settings, start},
    shutdown::Core,
    start_error::What,
};
pub use self::{
    lifecycle::Lifecycle,
    phase::{Phase, Phases},
    report::{StartReport, Step, StepKind},
    run_error::RunError,
    running::Running,
    shutdown::{Cause, Shutdown},
    signal::Signal,
    start_error::StartError,
    stop_error::{StopError, StopFailure},
};
