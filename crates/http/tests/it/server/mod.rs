//! The server, over real sockets.

mod app;
mod client;
mod config;
mod cors;
mod drain;
mod framing;
mod golden;
mod headers;
mod identity;
mod journal;
mod keep_alive;
mod limits;
mod metrics;
mod overrides;
mod panics;
mod probes;
mod process;
mod proxy;
mod rolling;
mod timeouts;
mod upgrade;
