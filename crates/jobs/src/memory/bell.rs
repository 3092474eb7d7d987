//! Waking listeners of this process.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Notify;

use crate::store::{Signal, Wake};

/// All who listen.
#[derive(Debug, Default)]
pub(super) struct Bell(Mutex<Vec<Weak<Ear>>>);

impl Bell {
    /// One more listener, until it is dropped.
    pub(super) fn listen(&self) -> Box<dyn Wake> {
        let ear = Arc::new(Ear::default());
        let mut ears = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ears.retain(|ear| ear.strong_count() > 0);
        ears.push(Arc::downgrade(&ear));
        Box::new(Listener(ear))
    }

    /// Tells all of them.
    pub(super) fn ring(&self, signals: &BTreeSet<Ring>) {
        if signals.is_empty() {
            return;
        }
        let ears = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ear in ears.iter().filter_map(Weak::upgrade) {
            let mut heard = ear.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.extend(signals.iter().cloned());
            drop(heard);
            ear.told.notify_one();
        }
    }
}

/// What a listener is told. The same said twice is said once, so that one who does not ask costs little.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ring {
    Control,
    Work(String),
}

#[derive(Debug, Default)]
struct Ear {
    heard: Mutex<BTreeSet<Ring>>,
    told: Notify,
}

struct Listener(Arc<Ear>);

#[async_trait::async_trait]
impl Wake for Listener {
    async fn next(&mut self) -> Signal {
        loop {
            let heard = {
                let mut heard = self.0.heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.pop_first()
            };
            match heard {
                Some(Ring::Control) => return Signal::Control,
                Some(Ring::Work(queue)) => return Signal::Work(queue),
                None => self.0.told.notified().await,
            }
        }
    }
}
