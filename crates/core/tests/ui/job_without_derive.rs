//! A job that cannot be written.

use atlas_jobs::Job;
use serde::Deserialize;

#[derive(Deserialize)]
struct SendReceipt;

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";
}

fn main() {}
