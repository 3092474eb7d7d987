//! Use cases against products in memory.

use std::sync::Arc;

use atlas::core::Kind;

use super::{Money, ProductDetails, ProductId, ProductService, memory::Memory};

fn service() -> ProductService {
    ProductService::new(Arc::new(Memory::default()))
}

fn details(name: &str) -> ProductDetails {
    ProductDetails {
        name: name.to_owned(),
        description: String::new(),
        picture: String::new(),
        price: Money {
            currency_code: "USD".to_owned(),
            units: 1,
            nanos: 0,
        },
        categories: Vec::new(),
    }
}

#[tokio::test]
async fn a_product_that_was_created_is_shown_under_its_fresh_id() {
    let products = service();
    let created = products.create(details("tea")).await.unwrap();
    assert_eq!(products.show(&created.id).await.unwrap(), created);
    assert_ne!(
        products.create(details("tea")).await.unwrap().id,
        created.id
    );
}

#[tokio::test]
async fn a_product_keeps_its_id_when_it_is_updated() {
    let products = service();
    let id = products.create(details("tea")).await.unwrap().id;
    products
        .update(id.clone(), details("coffee"))
        .await
        .unwrap();
    assert_eq!(products.show(&id).await.unwrap().details.name, "coffee");
}

#[tokio::test]
async fn what_is_not_there_is_neither_shown_nor_changed_nor_deleted() {
    let (products, id) = (service(), ProductId::fresh());
    assert_eq!(
        products
            .update(id.clone(), details("tea"))
            .await
            .unwrap_err()
            .code(),
        "product_not_found"
    );
    assert_eq!(products.show(&id).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        products.delete(&id).await.unwrap_err().kind(),
        Kind::NotFound
    );
}
