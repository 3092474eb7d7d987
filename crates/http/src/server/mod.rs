//! The server: one listener, its connections, and everything that is done around the router.
//!
//! The way of a request: `accept` takes the connection, `connection` drives hyper on it and keeps to its deadlines with
//! one timer, `service` and `request` give the request its identity and the router the request, `response_body` counts
//! what goes out, and when `exchange` is dropped the request is counted and logged. All of it is one future around
//! axum's: no layer, no box, no lock, and no timer of its own for a request.
//!
//! `drain` is how all of it ends, `refusal` answers what never became a request.

mod accept;
mod access;
mod alarm;
mod answer;
mod connection;
mod cors;
mod drain;
mod exchange;
mod forwarded;
mod headers;
mod limits;
mod listen;
mod listening;
mod metrics;
mod network;
mod overrides;
mod owner;
mod progress;
mod refusal;
mod request;
mod request_body;
mod response_body;
mod run;
mod service;
mod shared;
mod socket;
mod state;

pub(crate) use self::{
    cors::{Cors, Rules, fault_of_origin},
    drain::Drain,
    limits::Limits,
    listen::{open, open_at},
    metrics::HttpMetrics,
    overrides::Overrides,
    run::run,
    shared::{Clock, Shared, Trust},
};
pub use self::{
    forwarded::ForwardedHeader, listening::Listening, network::Network, request_body::BodyError,
    shared::TraceTrust,
};
