//! Receipts follow orders: in the same transaction, once, and again after what was wrong is corrected.

use std::sync::{Arc, Mutex};

use atlas::jobs::{
    Error, Middleware, Reason, State, async_trait,
    store::{By, Edit, Filter, NewJob, Redrive},
};
use atlas_test::TestApp;
use serde_json::json;
use shop::orders::{Mail, MailError, Mailer, jobs::SendReceipt, jobs::SummariseDay};

/// A mailer that keeps what it sends, and knows no host that ends with `.invalid`.
#[derive(Default)]
struct Kept(Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Kept {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if mail.to.ends_with(".invalid") {
            return Err(MailError::new(format!(
                "there is no host for `{}`",
                mail.to
            )));
        }
        self.0
            .lock()
            .expect("nobody panics with it")
            .push(mail.clone());
        Ok(())
    }
}

/// Takes no job at all.
struct Refuses;

#[async_trait]
impl Middleware for Refuses {
    async fn enqueue(&self, _: &mut NewJob) -> Result<(), Error> {
        Err(Error::Vetoed("not today".to_owned()))
    }
}

/// The shop, and what it sends.
async fn shop() -> (TestApp, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let mailer = Arc::clone(&kept);
    let shop = TestApp::builder(shop::app())
        .replace(move || -> Arc<dyn Mailer> { mailer.clone() })
        .start()
        .await;
    (shop, kept)
}

async fn place(shop: &TestApp, email: &str) {
    let order = json!({ "email": email, "product": "OLJCESPC7Z", "quantity": 1 });
    shop.post("/orders", order).await.created();
}

#[tokio::test]
async fn an_order_and_its_receipt_are_written_together() {
    let (shop, kept) = shop().await;
    place(&shop, "anna@example.org").await;
    let jobs = shop.jobs();
    let receipt = jobs.assert_enqueued::<SendReceipt>(|job| job.to == "anna@example.org");
    let order = receipt.await.order;
    shop.jobs().drain().await;
    let sent = kept.0.lock().expect("nobody panics with it").clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].to.as_str(), &sent[0].subject),
        ("anna@example.org", &format!("Your order {order}"))
    );
    shop.stop().await;
}

#[tokio::test]
async fn an_order_whose_receipt_is_refused_is_not_placed() {
    let shop = TestApp::builder(shop::app())
        .with(|module| module.contribute(|| -> Arc<dyn Middleware> { Arc::new(Refuses) }))
        .start()
        .await;
    let order = json!({ "email": "anna@example.org", "product": "OLJCESPC7Z", "quantity": 1 });
    shop.post("/orders", order)
        .await
        .status(409)
        .problem("job_refused");
    let page = shop.get("/orders").await.ok().value();
    assert_eq!(page["items"], json!([]), "both happen, or neither");
    shop.jobs().assert_none_enqueued::<SendReceipt>().await;
}

#[tokio::test]
async fn an_order_that_is_refused_sends_nothing() {
    let (shop, _) = shop().await;
    let order = json!({ "email": "anna@example.org", "product": "0000000000", "quantity": 1 });
    shop.post("/orders", order).await.status(404);
    shop.jobs().assert_none_enqueued::<SendReceipt>().await;
    shop.stop().await;
}

#[tokio::test]
async fn a_receipt_for_an_address_that_cannot_be_is_dead_after_its_attempts_and_redriven_after_an_edit()
 {
    let (shop, kept) = shop().await;
    place(&shop, "anna@nowhere.invalid").await;
    let jobs = shop.jobs();
    assert_eq!(jobs.drain_all().await, 5, "an attempt each");
    let dead = jobs.records::<SendReceipt>(&[State::Dead]).await;
    assert_eq!(
        (dead.len(), dead[0].reason, dead[0].attempt),
        (1, Some(Reason::Exhausted), 5)
    );
    let (store, id) = (jobs.store(), dead[0].id);
    let failures = store.failures(id).await.expect("the store answers");
    assert_eq!(failures.len(), 5, "every error is kept");
    assert!(failures[0].message.contains("there is no host"));

    // as `shop jobs dead edit` and `shop jobs dead redrive` do
    let by = By::new("test");
    let mut says: SendReceipt = serde_json::from_slice(&dead[0].payload).expect("it is one");
    says.to = "anna@example.org".to_owned();
    let edit = Edit {
        payload: Some(serde_json::to_vec(&says).expect("JSON")),
        ..Edit::default()
    };
    store
        .edit(id, &edit, &by)
        .await
        .expect("a dead job can be edited");
    let redrive = Redrive {
        filter: Filter {
            ids: Some(vec![id]),
            ..Filter::default()
        },
        limit: 1,
        spacing: std::time::Duration::ZERO,
    };
    assert_eq!(
        store
            .redrive(&redrive, &by)
            .await
            .expect("the store answers"),
        1
    );
    jobs.drain().await;
    assert_eq!(jobs.record(id).await.state, State::Completed);
    assert_eq!(kept.0.lock().expect("nobody panics with it").len(), 1);
    shop.stop().await;
}

#[tokio::test]
async fn the_owner_hears_of_the_orders_of_the_day() {
    let (shop, kept) = shop().await;
    place(&shop, "anna@example.org").await;
    place(&shop, "bert@example.org").await;
    let owner = SummariseDay {
        to: "owner@shop.example".to_owned(),
    };
    let jobs: atlas::jobs::Jobs = shop.component();
    jobs.enqueue(owner).await.expect("it is enqueued");
    shop.jobs().drain().await;
    let sent = kept.0.lock().expect("nobody panics with it").clone();
    let to_owner: Vec<_> = sent
        .iter()
        .filter(|mail| mail.to == "owner@shop.example")
        .collect();
    assert_eq!(to_owner.len(), 1);
    assert_eq!(to_owner[0].subject, "2 orders today");
    shop.stop().await;
}
