//! The products of Online Boutique: what is in the catalog of a new shop, and the rules of its prices.

use atlas_test::{TestApp, factory::Factory};
use serde_json::{Value, json};
use shop::catalog::{Money, ProductDetails, ProductService};

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

/// Some product of the category `tea`.
fn tea() -> Factory<ProductDetails> {
    Factory::new(|draw| ProductDetails {
        name: format!("Tea {:03}", draw.sequence()),
        description: draw.words(5),
        picture: format!("/static/img/products/{}.jpg", draw.word()),
        price: Money {
            currency_code: "USD".to_owned(),
            units: draw.number(1..=20),
            nanos: draw.number(0..=999_999_999),
        },
        categories: vec!["tea".to_owned()],
    })
}

#[tokio::test]
async fn many_products_come_page_by_page_each_of_them_once() {
    let shop = shop().await;
    let products: ProductService = shop.component();
    for details in tea().build_many(25) {
        products.create(details).await.unwrap();
    }
    let mut found = Vec::new();
    let mut query = "category=tea&sort=name&limit=10".to_owned();
    loop {
        found.push(names(&shop, &query).await);
        let page = shop.get(&format!("/products?{query}")).await.ok().value();
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("category=tea&sort=name&limit=10&cursor={cursor}");
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    let expected: Vec<String> = (1..=25).map(|number| format!("Tea {number:03}")).collect();
    assert_eq!(found.concat(), expected);
}
