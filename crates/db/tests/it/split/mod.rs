//! Replicas: real servers that stream, each test with its own.

mod cluster;
mod config;
mod faults;
mod lag;
mod routing;
mod sessions;
mod streams;
