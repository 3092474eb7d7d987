//! The address that the server listens on.

use std::net::SocketAddr;
use std::sync::Arc;

use atlas_core::Component;
use tokio::sync::watch;

/// Tells the address that the HTTP server listens on, once it does: with port 0 only the system knows it before.
#[derive(Clone, Debug)]
pub struct Listening(Arc<watch::Sender<Option<SocketAddr>>>);

impl Component for Listening {}

impl Listening {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Waits until the server listens, and tells its address. Pends for ever when it never does.
    pub async fn address(&self) -> SocketAddr {
        let mut receiver = self.0.subscribe();
        loop {
            if let Some(address) = *receiver.borrow_and_update() {
                return address;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The address, if the server listens by now.
    pub fn now(&self) -> Option<SocketAddr> {
        *self.0.borrow()
    }

    pub(crate) fn tell(&self, address: SocketAddr) {
        self.0.send_replace(Some(address));
    }
}
