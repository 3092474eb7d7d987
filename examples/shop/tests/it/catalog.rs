//! Products are listed, shown, created, updated and deleted.

use serde_json::{Value, json};

use crate::support::shop;

fn product() -> Value {
    json!({
        "name": "Tea",
        "description": "Leaves and time.",
        "picture": "/static/img/products/tea.jpg",
        "price": { "currency_code": "USD", "units": 4, "nanos": 250_000_000 },
        "categories": ["kitchen"],
    })
}

fn changed() -> Value {
    let mut it = product();
    it["name"] = "Coffee".into();
    it
}

#[tokio::test]
async fn a_product_that_was_created_can_be_read() {
    let shop = shop().await;
    let created = shop
        .post("/products", product())
        .await
        .created()
        .matches(product());
    let at = created.header("location").to_owned();
    assert_eq!(at, format!("/products/{}", created.id()));
    shop.get(&at).await.ok().matches(product());
}

#[tokio::test]
async fn a_product_can_be_updated_and_deleted() {
    let shop = shop().await;
    let at = format!(
        "/products/{}",
        shop.post("/products", product()).await.created().id()
    );
    shop.put(&at, changed()).await.ok().matches(changed());
    shop.get(&at).await.ok().matches(changed());
    shop.delete(&at).await.no_content();
    shop.get(&at).await.status(404).problem("product_not_found");
    shop.delete(&at)
        .await
        .status(404)
        .problem("product_not_found");
    shop.put(&at, changed())
        .await
        .status(404)
        .problem("product_not_found");
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let shop = shop().await;
    for _ in 0..3 {
        shop.post("/products", product()).await.created();
    }
    let (mut seen, mut path) = (Vec::new(), "/products?limit=2".to_owned());
    loop {
        let page = shop.get(&path).await.ok().value();
        let items = page["items"].as_array().expect("a page has items").clone();
        assert!(items.len() <= 2);
        seen.extend(items.into_iter().map(|it| it["id"].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/products?limit=2&cursor={cursor}");
    }
    assert!(seen.len() >= 3);
    assert!(
        seen.is_sorted_by(|one, next| one < next),
        "no product is missing or twice: {seen:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_product_is_said_all_at_once() {
    let shop = shop().await;
    let mut wrong = product();
    wrong["surprise"] = true.into();
    wrong.as_object_mut().map(|it| it.remove("name"));
    let answer = shop
        .post("/products", wrong)
        .await
        .status(422)
        .problem("invalid");
    answer
        .violation("/name", "required")
        .violation("/surprise", "unknown");
    shop.post("/products", "tea")
        .await
        .status(422)
        .problem("invalid");
}
