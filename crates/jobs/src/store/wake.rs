//! Learning that there is work without asking.

/// What a store tells its listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// There may be work in this queue.
    Work(String),
    /// Somebody called a running job off, paused or resumed a queue, or changed a schedule.
    Control,
    /// Something may have been missed: ask for everything.
    Gap,
}

/// Waits for signals. What comes while nobody waits is kept, or told as one [`Signal::Gap`].
#[async_trait::async_trait]
pub trait Wake: Send {
    /// The next signal. It never fails: while the way to the store is broken it waits, and tells a [`Signal::Gap`] when it
    /// is mended.
    async fn next(&mut self) -> Signal;
}
