//! A handler of jobs that returns what is no outcome.

use atlas_core::Module;
use atlas_jobs::{Job, Run, handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SendReceipt;

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";
}

async fn send_receipt(_: Run<SendReceipt>) -> u64 {
    1
}

fn main() {
    Module::new("orders").contribute(handler(send_receipt));
}
