//! Signals of the operating system.

use std::{fmt, sync::Arc};

use tokio::task::JoinHandle;

use super::{Cause, Core, last_words};

/// A signal that ends an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGTERM: from an orchestrator.
    Terminate,
    /// SIGINT: Ctrl-C.
    Interrupt,
}

impl Signal {
    /// The exit code of a process that was ended by this signal: 128 and the signal's number.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Terminate => 143,
            Self::Interrupt => 130,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        })
    }
}

/// Handles signals until it is dropped: the first ends the app in good order, the second ends the process at once.
pub(super) struct Watch(JoinHandle<()>);

impl Watch {
    /// Installs the handlers before it returns, so that no signal is lost from here on.
    pub(super) fn install(core: Arc<Core>) -> std::io::Result<Self> {
        let mut signals = Signals::new()?;
        Ok(Self(tokio::spawn(async move {
            let first = signals.next().await;
            tracing::info!(target: "atlas::lifecycle", event = "signal", signal = %first, "stopping");
            core.end(Cause::Signal(first));
            let second = signals.next().await;
            last_words::say(format!(
                "error: second signal ({second}): ended at once, without stopping the rest"
            ));
            end_process(second);
        })))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[allow(
    clippy::exit,
    reason = "a second signal means: now, without any more hooks"
)]
fn end_process(signal: Signal) -> ! {
    std::process::exit(i32::from(signal.exit_code()))
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
