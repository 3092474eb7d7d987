//! What all connections of a listener share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cors::Cors;
use super::drain::Drain;
use super::forwarded::ForwardedHeader;
use super::limits::Limits;
use super::metrics::HttpMetrics;
use super::network::Network;
use super::overrides::Overrides;
use crate::ops::Ops;

/// What all connections of a listener share; made once, read by every request.
pub(crate) struct Shared {
    pub(crate) router: Router,
    pub(crate) ops: Arc<Ops>,
    pub(crate) limits: Limits,
    pub(crate) overrides: Overrides,
    pub(crate) trust: Trust,
    pub(crate) cors: Option<Cors>,
    pub(crate) metrics: Arc<HttpMetrics>,
    pub(crate) access_log: bool,
    pub(crate) drain: Drain,
    pub(crate) clock: Clock,
}

/// Whose word counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// The proxies in front of this server: what they say about the client is believed.
    pub(crate) proxies: Vec<Network>,
    /// The header they write.
    pub(crate) header: ForwardedHeader,
    /// Whose trace is continued.
    pub(crate) trace: TraceTrust,
}

/// Whose `traceparent` is continued; everyone else's request begins a trace of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceTrust {
    /// No one's.
    Never,
    /// That of the trusted proxies.
    #[default]
    TrustedProxies,
    /// Everyone's.
    Always,
}

impl Trust {
    pub(crate) fn contains(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(peer))
    }

    pub(crate) fn continues_trace(&self, trusted: bool) -> bool {
        match self.trace {
            TraceTrust::Never => false,
            TraceTrust::TrustedProxies => trusted,
            TraceTrust::Always => true,
        }
    }
}

/// Time in whole milliseconds since the server began, so that a moment fits into an atomic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            epoch: Instant::now(),
        }
    }

    pub(crate) fn epoch(self) -> Instant {
        self.epoch
    }

    pub(crate) fn now(self) -> u64 {
        self.at(Instant::now())
    }

    pub(crate) fn at(self, instant: Instant) -> u64 {
        instant.saturating_duration_since(self.epoch).as_millis() as u64
    }

    pub(crate) fn after(self, wait: Duration) -> u64 {
        self.now().saturating_add(wait.as_millis() as u64)
    }
}
