//! The store in memory keeps the promises of the port.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{
    MemoryStore,
    clock::TestClock,
    conformance::{Harness, async_trait},
    store::Store,
};

#[derive(Default)]
struct Memory(TestClock);

#[async_trait]
impl Harness for Memory {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(MemoryStore::with_clock(self.0.clone())))
    }

    async fn advance(&self, by: Duration) {
        self.0.advance(by);
        tokio::task::yield_now().await;
    }
}

/// The same with the clock of the machine, as stores outside of this process have one.
struct RealTime;

#[async_trait]
impl Harness for RealTime {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(MemoryStore::new()))
    }
}

atlas_jobs::conformance!(memory, Memory::default());
atlas_jobs::conformance!(memory_in_real_time, RealTime);
