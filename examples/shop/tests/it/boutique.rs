//! The products of Online Boutique: what is in the catalog of a new shop, and the rules of its prices.

use atlas_test::TestApp;
use serde_json::{Value, json};

use crate::support::shop;

/// The names of the products that a query finds.
async fn names(shop: &TestApp, query: &str) -> Vec<String> {
    let page = shop.get(&format!("/products?{query}")).await.ok().value();
    let items = page["items"].as_array().expect("a page has items");
    items
        .iter()
        .filter_map(|it| it["name"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_new_shop_has_the_products_of_the_boutique() {
    let shop = shop().await;
    let all = names(&shop, "sort=name").await;
    assert_eq!(all.len(), 9);
    assert_eq!(all.first().map(String::as_str), Some("Bamboo Glass Jar"));
    shop.get("/products/OLJCESPC7Z").await.ok().matches(json!({
        "id": "OLJCESPC7Z",
        "name": "Sunglasses",
        "price": { "currency_code": "USD", "units": 19, "nanos": 990_000_000 },
        "categories": ["accessories"],
    }));
}

#[tokio::test]
async fn products_are_found_by_category_and_by_text() {
    let shop = shop().await;
    assert_eq!(names(&shop, "category=tops").await, ["Tank Top"]);
    assert_eq!(
        names(&shop, "category=top").await,
        [""; 0],
        "a part of a category is none"
    );
    assert_eq!(
        names(&shop, "sort=-name&category=kitchen").await,
        ["Salt & Pepper Shakers", "Mug", "Bamboo Glass Jar"]
    );
    assert_eq!(
        names(&shop, "text=MUSTARD").await,
        ["Mug"],
        "in the description, whatever the case"
    );
    assert_eq!(
        names(&shop, "text=%25").await,
        [""; 0],
        "a wildcard is a letter like any other"
    );
    shop.get("/products?colour=red")
        .await
        .status(400)
        .problem("unknown_parameter");
    shop.get("/products/tea")
        .await
        .status(422)
        .problem("invalid");
}

#[tokio::test]
async fn a_price_is_an_exact_amount_and_never_negative() {
    let shop = shop().await;
    let tea = |units: Value, nanos: Value| {
        let price = json!({ "currency_code": "USD", "units": units, "nanos": nanos });
        json!({ "name": "Tea", "description": "", "picture": "", "price": price, "categories": [] })
    };
    for (units, nanos, place) in [
        (json!(1), json!(-5), "/price/nanos"),
        (json!(-1), json!(0), "/price/units"),
        (json!(0), json!(1_000_000_000), "/price/nanos"),
        (json!(1.5), json!(0), "/price/units"),
    ] {
        let answer = shop
            .post("/products", tea(units, nanos))
            .await
            .status(422)
            .problem("invalid")
            .value();
        assert_eq!(answer["errors"][0]["pointer"], place, "{answer}");
    }
    shop.post("/products", tea(json!(0), json!(999_999_999)))
        .await
        .created();
}
