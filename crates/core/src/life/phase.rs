//! Where an app is in its life.

use tokio::sync::watch;

/// Where an app is in its life. Phases only go forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Constructors and start hooks run.
    Starting,
    /// Every start hook has finished.
    Started,
    /// The app is about to stop: published before any stop hook runs.
    Stopping,
    /// Every stop hook has finished or run out of time.
    Stopped,
}

/// The phases of the app, to be observed: an argument of a constructor.
///
/// A readiness probe answers yes only while [`Phases::now`] is [`Phase::Started`].
#[derive(Clone, Debug)]
pub struct Phases {
    receiver: watch::Receiver<Phase>,
}

impl Phases {
    pub(crate) fn new(receiver: watch::Receiver<Phase>) -> Self {
        Self { receiver }
    }

    /// The phase at this moment.
    pub fn now(&self) -> Phase {
        *self.receiver.borrow()
    }

    /// Waits for a phase this handle has not seen, and returns it. Pends for ever once the app is gone.
    pub async fn changed(&mut self) -> Phase {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        *self.receiver.borrow_and_update()
    }

    /// Waits until the app has reached `phase`, and returns the phase it is in, which may be a later one.
    pub async fn wait_for(&self, phase: Phase) -> Phase {
        let mut receiver = self.receiver.clone();
        match receiver.wait_for(|now| *now >= phase).await {
            Ok(reached) => *reached,
            Err(_) => self.now(),
        }
    }
}
