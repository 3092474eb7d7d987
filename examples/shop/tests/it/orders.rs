//! Orders are placed, shown and listed.

use serde_json::{Value, json};

use crate::support::shop;

fn order() -> Value {
    json!({ "email": "anna@example.org", "product": "OLJCESPC7Z", "quantity": 2 })
}

#[tokio::test]
async fn an_order_that_was_placed_can_be_read() {
    let shop = shop().await;
    let placed = shop.post("/orders", order()).await.created();
    let placed = placed.matches(order());
    let at = placed.header("location").to_owned();
    assert_eq!(at, format!("/orders/{}", placed.id()));
    shop.get(&at).await.ok().matches(order());
}

#[tokio::test]
async fn the_list_is_read_page_by_page_and_by_address() {
    let shop = shop().await;
    for name in ["anna", "bert", "carla"] {
        let mut order = order();
        order["email"] = format!("{name}@example.org").into();
        shop.post("/orders", order).await.created();
    }
    let page = shop.get("/orders?limit=2&sort=email").await.ok().value();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let next = format!("/orders?limit=2&sort=email&cursor={cursor}");
    let next = shop.get(&next).await.ok().value();
    assert_eq!(next["items"][0]["email"], "carla@example.org");
    let found = shop
        .get("/orders?email=bert@example.org")
        .await
        .ok()
        .value();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_said_and_nothing_is_placed() {
    let shop = shop().await;
    for (key, value, rule) in [
        ("email", json!("anna"), "pattern"),
        ("quantity", json!(0), "minimum"),
        ("product", json!("tea"), "pattern"),
    ] {
        let mut wrong = order();
        wrong[key] = value;
        let answer = shop.post("/orders", wrong).await.status(422);
        answer
            .problem("invalid")
            .violation(&format!("/{key}"), rule);
    }
    let mut unknown = order();
    unknown["product"] = json!("0000000000");
    let answer = shop.post("/orders", unknown).await;
    answer.status(404).problem("product_not_found");
    let page = shop.get("/orders").await.ok().value();
    assert_eq!(page["items"], json!([]));
    shop.get("/orders/0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f")
        .await
        .status(404)
        .problem("order_not_found");
}
