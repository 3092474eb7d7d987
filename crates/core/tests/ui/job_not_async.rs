//! A handler of jobs that is not async.

use atlas_core::Module;
use atlas_jobs::{Job, Run, handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SendReceipt;

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";
}

fn send_receipt(_: Run<SendReceipt>) {}

fn main() {
    Module::new("orders").contribute(handler(send_receipt));
}
