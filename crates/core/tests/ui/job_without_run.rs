//! A handler that takes the job itself.

use atlas_core::Module;
use atlas_jobs::{Job, handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SendReceipt;

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";
}

async fn send_receipt(_: SendReceipt) {}

fn main() {
    Module::new("orders").contribute(handler(send_receipt));
}
