//! Products over a real socket, on a database of their own.

use atlas_test::TestApp;
use serde_json::{Value, json};

/// What a client sends: another product for another number.
fn product(number: i32) -> Value {
    json!({})
}

#[tokio::test]
async fn a_product_is_created_read_changed_and_deleted() {
    let app = TestApp::start(shop::app()).await;
    let created = app.post("/products").json(product(1)).await.created();
    let address = created.matches(product(1)).header("location").to_owned();
    app.get(&address).await.ok().matches(product(1));
    let changed = app.put(&address).json(product(2)).await.ok();
    changed.matches(product(2));
    app.get(&address).await.ok().matches(product(2));
    app.delete(&address).await.no_content();
    let gone = app.get(&address).await.status(404);
    gone.problem("product_not_found");
}

#[tokio::test]
async fn the_list_of_products_leads_from_page_to_page() {
    let app = TestApp::start(shop::app()).await;
    for number in 1..=3 {
        app.post("/products").json(product(number)).await.created();
    }
    let first = app.get("/products?limit=2").await.ok().value();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = app.get("/products").query([("limit", "2"), ("cursor", cursor)]);
    let rest = rest.await.ok().value();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_product_with_an_unknown_field_is_refused() {
    let app = TestApp::start(shop::app()).await;
    let mut unknown = product(1);
    unknown["unheard_of"] = json!(1);
    let refused = app.post("/products").json(unknown).await.status(422);
    refused.violation("/unheard_of", "unknown");
}
