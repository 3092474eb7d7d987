//! How a private server is wanted.

use std::time::Duration;

/// Settings of a [`Server`](crate::Server).
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) flushed: bool,
    pub(crate) replicated: bool,
    pub(crate) tls: Option<(String, String)>,
    pub(crate) patience: Duration,
    /// Quick instead of safe from the server's own death.
    pub(crate) shared: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Vec::new(),
            flushed: false,
            replicated: false,
            tls: None,
            patience: Duration::from_secs(60),
            shared: false,
        }
    }
}

impl Options {
    /// The usual: what is committed outlives a killed server, though not a power cut; no replication.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a server setting: `("max_connections", "5")`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// Keeps the data on a disk and flushes every commit to it, as in production.
    #[must_use]
    pub fn flushed(mut self) -> Self {
        self.flushed = true;
        self
    }

    /// Keeps what a [standby](crate::Server::standby) needs: a log that can be streamed, positions of transactions.
    #[must_use]
    pub fn replicated(mut self) -> Self {
        self.replicated = true;
        self
    }

    /// Speaks TLS with this certificate and key, both PEM.
    #[must_use]
    pub fn tls(mut self, certificate: &str, key: &str) -> Self {
        self.tls = Some((certificate.to_owned(), key.to_owned()));
        self
    }

    /// How long a start may take; 60 seconds without it.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(crate) fn shared() -> Self {
        Self {
            shared: true,
            ..Self::default()
        }
    }
}
