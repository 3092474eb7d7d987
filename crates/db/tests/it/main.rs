//! The database layer against real databases.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

// drafts are compiled as they stand in a service
extern crate self as atlas;
pub(crate) use atlas_db as db;

mod admin;
mod app;
mod cancelled;
mod concurrent;
mod connections;
mod dialects;
mod diff;
mod engines;
mod errors;
mod faults;
mod fixtures;
mod listen;
mod lists;
mod metrics;
mod migrating;
mod migrations;
mod orm;
mod pages;
mod polymorphic;
mod raw;
mod records;
mod relations;
mod seeds;
mod servers;
mod slow;
mod spans;
mod split;
mod streams;
mod support;
mod tls;
mod transactions;
