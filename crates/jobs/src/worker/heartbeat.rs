//! Signs of life, from a thread of its own: neither a handler that blocks the runtime nor a pool without a free connection
//! keeps them from the store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime, sync::Notify, time};
use tokio_util::sync::CancellationToken;

use super::{
    hold::{Holds, Why},
    setup::Setup,
};
use crate::store::{Pulse, Store};

/// How often the store is asked for jobs that were called off, when it cannot say so by itself.
const ASK: Duration = Duration::from_millis(400);
/// The same when it can.
const ASK_RARELY: Duration = Duration::from_secs(5);
/// How late the runtime may be before it is called blocked.
const BLOCKED: Duration = Duration::from_secs(1);

/// Keeps the leases of a worker.
pub(super) struct Heartbeat {
    pub(super) setup: Arc<Setup>,
    pub(super) holds: Arc<Holds>,
    /// The store said that somebody called something off.
    pub(super) control: Arc<Notify>,
    /// Ends it.
    pub(super) stop: CancellationToken,
}

impl Heartbeat {
    /// Begins, on a thread.
    pub(super) fn start(self) -> std::io::Result<thread::JoinHandle<()>> {
        let service = runtime::Handle::current();
        let own = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new().name("jobs-heartbeat".to_owned());
        thread.spawn(move || own.block_on(self.beat(service)))
    }

    async fn beat(self, service: runtime::Handle) {
        let store = self.setup.store.aside();
        let heartbeat = *self.setup.config.heartbeat;
        let tick = heartbeat.min(ASK).min(BLOCKED / 2);
        let mut probe = Probe::new(service);
        let (mut renewed, mut asked) = (Instant::now(), Instant::now());
        loop {
            let told = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.control.notified() => true,
                () = time::sleep(tick) => false,
            };
            for hold in self.holds.all() {
                hold.is_lost();
            }
            if renewed.elapsed() >= heartbeat.saturating_sub(tick / 2) {
                renewed = Instant::now();
                self.renew(&*store).await;
            }
            let ask = match store.features().push {
                true => ASK_RARELY,
                false => ASK,
            };
            if told || asked.elapsed() >= ask {
                asked = Instant::now();
                self.ask(&*store).await;
            }
            probe.look();
        }
    }

    async fn renew(&self, store: &dyn Store) {
        let lease = *self.setup.config.lease;
        let holds = self.holds.all();
        let leases: Vec<_> = holds.iter().map(|it| it.lease).collect();
        if leases.is_empty() {
            return;
        }
        let asked = Instant::now();
        let pulses = match store.renew(&leases, lease).await {
            Ok(pulses) => pulses,
            Err(error) => {
                tracing::warn!(target: "atlas::jobs", error = &error as &dyn std::error::Error, "a heartbeat did not reach the store");
                return;
            }
        };
        for (hold, pulse) in holds.iter().zip(pulses) {
            match pulse {
                Pulse::Kept => hold.renewed(asked, lease),
                Pulse::Cancel => {
                    hold.renewed(asked, lease);
                    hold.end(Why::CalledOff);
                }
                Pulse::Lost => hold.end(Why::Lost),
            }
        }
    }

    async fn ask(&self, store: &dyn Store) {
        let leases: Vec<_> = self.holds.all().iter().map(|it| it.lease).collect();
        if leases.is_empty() {
            return;
        }
        // one that fails is made up for by the next
        if let Ok((called_off, _)) = store.control(&leases).await {
            self.holds.call_off(&called_off);
        }
    }
}

/// Says once when the runtime of the service does not get to its tasks.
struct Probe {
    service: runtime::Handle,
    answered: Arc<AtomicBool>,
    since: Instant,
    said: bool,
}

impl Probe {
    fn new(service: runtime::Handle) -> Self {
        Self {
            service,
            answered: Arc::new(AtomicBool::new(true)),
            since: Instant::now(),
            said: false,
        }
    }

    fn look(&mut self) {
        if self.answered.swap(false, Ordering::AcqRel) {
            (self.since, self.said) = (Instant::now(), false);
            let answered = Arc::clone(&self.answered);
            self.service
                .spawn(async move { answered.store(true, Ordering::Release) });
        } else if self.since.elapsed() >= BLOCKED && !self.said {
            self.said = true;
            tracing::warn!(
                target: "atlas::jobs",
                "blocked runtime: a handler keeps its threads busy without awaiting; use `tokio::task::spawn_blocking`"
            );
        }
    }
}
