//! Learning of work by messages.

use atlas_redis::{Event, Redis, Subscription};

use crate::store::{Signal, Wake};

/// A listener to the channel of a store.
pub(super) struct Listener(Subscription);

impl Listener {
    /// Listens.
    pub(super) async fn start(redis: &Redis, channel: String) -> Self {
        Self(redis.subscribe([channel]).await)
    }
}

#[async_trait::async_trait]
impl Wake for Listener {
    async fn next(&mut self) -> Signal {
        match self.0.next().await {
            Some(Event::Message(message)) => signal(&message.payload),
            Some(Event::Reconnected) => Signal::Gap,
            // the handle is closed: there is nothing any more
            None => std::future::pending().await,
        }
    }
}

fn signal(payload: &[u8]) -> Signal {
    let text = std::str::from_utf8(payload).unwrap_or_default();
    match (text, text.strip_prefix('w')) {
        ("c", _) => Signal::Control,
        (_, Some(queue)) => Signal::Work(queue.to_owned()),
        // whoever said it, somebody wanted to be heard
        _ => Signal::Gap,
    }
}

#[cfg(test)]
mod tests {
    use super::signal;
    use crate::store::Signal;

    #[test]
    fn a_message_that_nobody_knows_is_a_reason_to_look() {
        assert_eq!(signal(b"wmail"), Signal::Work("mail".to_owned()));
        assert_eq!(signal(b"c"), Signal::Control);
        assert_eq!(signal(b"\xff"), Signal::Gap);
    }
}
