//! A handler of jobs whose argument is no component.

use atlas_core::Module;
use atlas_jobs::{Job, Run, handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SendReceipt;

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";
}

struct Mailer;

async fn send_receipt(_: Run<SendReceipt>, _: Mailer) {}

fn main() {
    Module::new("orders").contribute(handler(send_receipt));
}
