//! What the server allows a client, as plain numbers.

use std::time::Duration;

/// The limits of one listener. [`HttpConfig`](crate::HttpConfig) says what each is for, and its default.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) head: Duration,
    pub(crate) head_bytes: usize,
    pub(crate) header_count: usize,
    pub(crate) uri_bytes: usize,
    pub(crate) body_bytes: u64,
    pub(crate) body_time: Duration,
    pub(crate) handler: Duration,
    pub(crate) idle: Duration,
    pub(crate) write: Duration,
}
