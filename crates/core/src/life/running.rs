//! A started app.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::{
    Cause, Core, Phase, Plan, Shutdown, StartError, StartReport, StopError,
    build::{Allowed, Builds, Built, construct},
    report::Recorder,
    signal::Watch,
    start::{GivenUp, start_hooks},
    start_error::What,
    stop::stop_hooks,
    watchdog::Watchdog,
};
use crate::inject::{Inputs, Need, Param, Source, needs_of};

/// How an app is started and stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) app: &'static str,
    pub(crate) start_timeout: Duration,
    pub(crate) stop_timeout: Duration,
    pub(crate) signals: bool,
}

impl Settings {
    /// Bounds a stop by a thread of its own. Only an app that owns the process, as one that handles its signals does,
    /// may end it.
    fn watchdog(&self) -> Option<Watchdog> {
        self.signals
            .then(|| Watchdog::begin(self.stop_timeout).ok())
            .flatten()
    }
}

/// A started app. It runs until [`Running::stop`]; an app that is dropped only tells its tasks to stop.
pub struct Running {
    settings: Settings,
    core: Arc<Core>,
    plan: Plan,
    built: Built,
    report: StartReport,
    // Held until the app has stopped, so that a second signal ends a stop that hangs.
    _watch: Option<Watch>,
}

/// Constructs and starts; what has started when something fails is stopped again before the error is returned.
pub(crate) async fn start(
    (plan, builds): (Plan, Builds),
    settings: Settings,
) -> Result<Running, StartError> {
    let Settings { app, .. } = settings;
    let core = Core::new();
    let recorder = Arc::new(Recorder::new());
    let watch = match settings
        .signals
        .then(|| Watch::install(Arc::clone(&core)))
        .transpose()
    {
        Ok(watch) => watch,
        Err(error) => {
            return Err(StartError::new(
                app,
                What::Signals(error),
                Vec::new(),
                Vec::new(),
            ));
        }
    };
    let allowed = Allowed::from_now(settings.start_timeout);
    let mut built = Built::new(&plan);
    let started = match construct(&plan, builds, &mut built, &core, allowed, &recorder).await {
        Ok(()) => start_hooks(&plan, &built, &core, allowed, &recorder).await,
        Err(what) => Err(GivenUp::from(what)),
    };
    if let Err(given_up) = started {
        // Every part is told that the app ends, whatever it was that failed.
        core.end(Cause::Requested(1));
        return Err(roll_back(given_up, &plan, &built, &core, settings).await);
    }
    core.enter(Phase::Started);
    let report = recorder.finish();
    tracing::info!(
        target: "atlas::lifecycle", event = "started", app,
        elapsed_ms = u64::try_from(report.took().as_millis()).unwrap_or(u64::MAX),
        steps = report.steps().len(),
    );
    Ok(Running {
        settings,
        core,
        plan,
        built,
        report,
        _watch: watch,
    })
}

/// Stops what had started, and says what it was.
async fn roll_back(
    given_up: GivenUp,
    plan: &Plan,
    built: &Built,
    core: &Core,
    settings: Settings,
) -> StartError {
    let GivenUp { what, blocked } = given_up;
    let watchdog = settings.watchdog();
    let mut stopped = stop_hooks(plan, built, core, settings.stop_timeout).await;
    if let What::Task { name, .. } = &what {
        stopped.failures.retain(|failure| failure.name() != &**name);
    }
    let blocked = blocked || stopped.blocked;
    let error = StartError::new(settings.app, what, stopped.names, stopped.failures);
    release(watchdog, blocked, error.exit_code());
    error
}

/// Lets the watchdog go, or end a process that a blocked thread would keep alive.
fn release(watchdog: Option<Watchdog>, blocked: bool, exit_code: u8) {
    match watchdog {
        Some(watchdog) if blocked => watchdog.end_process(exit_code),
        Some(watchdog) => watchdog.end(),
        None => {}
    }
}

impl Running {
    /// Takes what was built: a component `T`, every contributed one as `Vec<T>`, or a tuple of such. `None` when
    /// nothing has asked for it; [`App::expose`](crate::App::expose) does.
    pub fn get<P: Param>(&self) -> Option<P> {
        let mut sources = Vec::new();
        for need in needs_of::<P>() {
            let mut nodes = self.plan.wiring.meets(need);
            nodes.retain(|&node| self.built.values[node].is_some());
            if nodes.is_empty() && matches!(need, Need::One(_)) {
                return None;
            }
            sources.push(Source { need, nodes });
        }
        let owner = Arc::from(self.settings.app);
        let (shutdown, phases) = (self.core.shutdown(), self.core.phases());
        let values = &self.built.values;
        let inputs = Inputs {
            sources: &sources,
            values,
            owner: &owner,
            shutdown: &shutdown,
            phases: &phases,
            desk: OnceLock::new(),
        };
        Some(P::take(&inputs))
    }

    /// To end the app, or to learn that it ends.
    pub fn shutdown(&self) -> Shutdown {
        self.core.shutdown()
    }

    /// How long each part of the start took.
    pub fn report(&self) -> &StartReport {
        &self.report
    }

    /// Waits until something ends the app: a signal, a request, a task that died.
    pub async fn wait(&self) -> Cause {
        self.core.ended().await
    }

    /// Stops along the graph in reverse. Whatever fails or hangs, the rest still stops, within the stop budget.
    ///
    /// # Errors
    /// `A103`, with each hook that failed or ran out of time and each task that died.
    pub async fn stop(self) -> Result<(), StopError> {
        self.core.end(Cause::Requested(0));
        let Settings {
            app, stop_timeout, ..
        } = self.settings;
        let watchdog = self.settings.watchdog();
        if let Some(cause) = self.core.cause() {
            tracing::info!(target: "atlas::lifecycle", event = "stopping", app, cause = %cause);
        }
        let stopped = stop_hooks(&self.plan, &self.built, &self.core, stop_timeout).await;
        tracing::info!(target: "atlas::lifecycle", event = "stopped", app, failures = stopped.failures.len());
        if stopped.failures.is_empty() {
            release(watchdog, false, 0);
            return Ok(());
        }
        let error = StopError::new(stopped.failures);
        release(watchdog, stopped.blocked, error.exit_code());
        Err(error)
    }
}

/// Tells every part that the app ends, so that nothing outlives it unawares.
impl Drop for Running {
    fn drop(&mut self) {
        self.core.end(Cause::Requested(0));
        self.core.leave();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("app", &self.settings.app)
            .field("cause", &self.core.cause())
            .finish()
    }
}
