//! The servers that tests need.

mod server;
