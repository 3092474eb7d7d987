//! The numbers of the HTTP server: rate, errors and duration of requests by route.
//!
//! The series of a route are found by the route's number and a short walk over plain values: no lock, no hashing of
//! strings, no allocation once a series exists. What becomes a label is a route's template, a known method or a status,
//! never what a client makes up, so the number of series has a bound.

mod collector;
mod histogram;
mod method;
mod series;
mod table;

pub(crate) use self::{
    collector::HttpMetrics,
    method::Verb,
    series::{Failure, Sample},
};
