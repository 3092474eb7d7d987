//! What is done later: a receipt for each order, and a summary every night.

use std::{sync::Arc, time::Duration};

use atlas::{
    jobs::{Job, Options, Run, Schedule},
    prelude::*,
};
use serde::{Deserialize, Serialize};

use super::{Mail, MailError, Mailer, OrderId, Orders};

/// Sends the receipt of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendReceipt {
    /// The order.
    pub order: OrderId,
    /// Where to.
    pub to: String,
}

impl Job for SendReceipt {
    const KIND: &'static str = "send_receipt";

    fn options(&self) -> Options {
        Options::new()
            .max_attempts(5)
            .timeout(Duration::from_secs(30))
            .unique(self.order)
    }
}

/// Runs [`SendReceipt`]. An error is tried again; after the last attempt the job is dead, until somebody redrives it.
pub(super) async fn send_receipt(
    job: Run<SendReceipt>,
    mailer: Arc<dyn Mailer>,
) -> Result<(), MailError> {
    let mail = Mail {
        to: job.to.clone(),
        subject: format!("Your order {}", job.order),
        text: "Thank you! It is on its way.".to_owned(),
    };
    mailer.send(&mail).await
}

/// Tells the owner of the shop what the day has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummariseDay {
    /// Whom.
    pub to: String,
}

impl Job for SummariseDay {
    const KIND: &'static str = "summarise_day";
}

/// Runs [`SummariseDay`].
pub(super) async fn summarise_day(
    job: Run<SummariseDay>,
    orders: Arc<dyn Orders>,
    mailer: Arc<dyn Mailer>,
) -> Result<(), atlas::core::BoxError> {
    let day = Duration::from_secs(24 * 60 * 60);
    let count = orders.placed_since(job.record().run_at - day).await?;
    let mail = Mail {
        to: job.to.clone(),
        subject: format!("{count} orders today"),
        text: String::new(),
    };
    Ok(mailer.send(&mail).await?)
}

/// Every night at two, wherever the servers are.
pub(super) fn nightly() -> Schedule {
    let owner = || SummariseDay {
        to: "owner@shop.example".to_owned(),
    };
    Schedule::cron("summarise_day", "0 2 * * *", owner).zone("Europe/Berlin")
}
