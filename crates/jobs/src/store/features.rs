//! What a store can do.

/// What a store can do. What it cannot is an error when it is asked for, at start where the configuration asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Jobs outlive the process.
    pub durable: bool,
    /// Several processes may work on it.
    pub shared: bool,
    /// What enqueueing and completing have to do with the caller's database transaction.
    pub transactions: Transactions,
    /// Says by itself, to other processes too, that there is work; otherwise workers ask. It may change: where messages stop
    /// coming through, listeners are told a [`Gap`](super::Signal::Gap), and workers ask until they come again.
    pub push: bool,
}

/// What enqueueing and completing have to do with the caller's database transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transactions {
    /// Nothing.
    None,
    /// Jobs lie in that database: a job that is enqueued inside of a transaction is there if it commits, and a job can be
    /// completed together with what its handler writes.
    Same,
    /// Jobs go through a table of that database, and are there soon after it commits.
    Outbox,
}
