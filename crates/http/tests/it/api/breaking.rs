//! Which changes of an API break its clients.

use atlas_http::Api;
use atlas_http::openapi::breaking;
use serde_json::{Value, json};

use super::catalog;

fn document() -> Value {
    let routes = catalog::routes(catalog::Catalog::default());
    Api::new(vec![routes], None).unwrap().openapi()
}

/// What breaks when the document is changed.
fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let old = document();
    let mut new = old.clone();
    change(&mut new);
    assert_ne!(old, new, "nothing was changed");
    breaking(&old, &new)
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn at<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Value {
    document.pointer_mut(pointer).unwrap()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    *at(document, pointer) = value;
}

fn add(document: &mut Value, parent: &str, name: &str, value: Value) {
    at(document, parent)[name] = value;
}

fn remove(document: &mut Value, parent: &str, name: &str) {
    at(document, parent)
        .as_object_mut()
        .unwrap()
        .remove(name)
        .unwrap();
}

const NEW: &str = "/components/schemas/NewProduct";
const VIEW: &str = "/components/schemas/ProductView";

#[test]
fn nothing_breaks_when_nothing_changes() {
    assert_eq!(breaking(&document(), &document()), []);
}

#[test]
fn what_is_gone_breaks() {
    assert_eq!(
        after(|it| remove(it, "/paths", "/products")),
        ["GET /products: is gone", "POST /products: is gone"]
    );
    assert_eq!(
        after(|it| remove(it, "/paths/~1products~1{id}", "patch")),
        ["PATCH /products/{id}: is gone"]
    );
    assert_eq!(
        after(|it| remove(it, "/paths/~1products/post/responses", "201")),
        ["POST /products: no longer answers 201"]
    );
    let gone = after(|it| remove(it, &format!("{VIEW}/properties"), "categories"));
    assert!(
        gone.contains(&"GET /products/{id} 200 /categories: is gone".to_owned()),
        "{gone:?}"
    );
    assert!(
        gone.contains(&"GET /products 200 /items/-/categories: is gone".to_owned()),
        "{gone:?}"
    );
    assert_eq!(gone.len(), 4);
}

#[test]
fn input_that_is_refused_now_breaks() {
    for (change, expected) in [
        (
            Box::new(|it: &mut Value| {
                set(it, &format!("{NEW}/properties/name/maxLength"), json!(40));
            }) as Box<dyn Fn(&mut Value)>,
            "POST /products body /name: `maxLength` is 40 now",
        ),
        (
            Box::new(|it: &mut Value| {
                set(it, &format!("{NEW}/properties/name/minLength"), json!(2));
            }),
            "POST /products body /name: `minLength` is 2 now",
        ),
        (
            Box::new(|it: &mut Value| {
                set(it, &format!("{NEW}/properties/name/type"), json!("integer"));
            }),
            "POST /products body /name: takes no string any more",
        ),
        (
            Box::new(|it: &mut Value| {
                set(
                    it,
                    &format!("{NEW}/required"),
                    json!(["name", "price", "categories"]),
                );
            }),
            "POST /products body /categories: is required now",
        ),
        (
            Box::new(|it: &mut Value| remove(it, &format!("{NEW}/properties"), "categories")),
            "POST /products body /categories: is refused now",
        ),
        (
            Box::new(|it: &mut Value| {
                add(
                    it,
                    &format!("{NEW}/properties/name"),
                    "pattern",
                    json!("^x"),
                );
            }),
            "POST /products body /name: must have the pattern \"^x\" now",
        ),
        (
            Box::new(|it: &mut Value| {
                set(
                    it,
                    "/paths/~1products/get/parameters/0/required",
                    json!(true),
                );
            }),
            "GET /products query parameter `category`: is required now",
        ),
        (
            Box::new(|it: &mut Value| {
                at(it, "/paths/~1products/get/parameters")
                    .as_array_mut()
                    .unwrap()
                    .remove(0);
            }),
            "GET /products query parameter `category`: is refused now",
        ),
        (
            Box::new(|it: &mut Value| {
                set(
                    it,
                    "/paths/~1products/get/parameters/3/schema/items/enum",
                    json!(["id", "-id", "name"]),
                );
            }),
            "GET /products query parameter `sort` /-: `\"-name\"` is refused now",
        ),
        (
            Box::new(|it: &mut Value| remove(it, "/paths/~1products/post", "requestBody")),
            "POST /products: takes no body any more",
        ),
    ] {
        assert_eq!(after(change), [expected]);
    }
}

#[test]
fn output_that_clients_do_not_expect_breaks() {
    let found = after(|it| {
        set(
            it,
            &format!("{VIEW}/required"),
            json!(["id", "name", "categories", "note"]),
        );
    });
    assert_eq!(found.len(), 4);
    assert!(
        found.contains(&"GET /products/{id} 200 /price: may be missing now".to_owned()),
        "{found:?}"
    );
    let found = after(|it| {
        set(
            it,
            &format!("{VIEW}/properties/name/type"),
            json!(["string", "null"]),
        );
    });
    assert!(
        found.contains(&"PATCH /products/{id} 200 /name: may be null now".to_owned()),
        "{found:?}"
    );
}

#[test]
fn more_of_everything_breaks_nobody() {
    for change in [
        Box::new(|it: &mut Value| add(it, "/paths", "/teas", json!({ "get": { "responses": {} } })))
            as Box<dyn Fn(&mut Value)>,
        Box::new(|it: &mut Value| {
            add(
                it,
                &format!("{NEW}/properties"),
                "more",
                json!({ "type": "string" }),
            );
        }),
        Box::new(|it: &mut Value| set(it, &format!("{NEW}/properties/name/maxLength"), json!(400))),
        Box::new(|it: &mut Value| set(it, &format!("{NEW}/required"), json!(["name"]))),
        Box::new(|it: &mut Value| {
            add(
                it,
                &format!("{VIEW}/properties"),
                "more",
                json!({ "type": "string" }),
            );
        }),
        Box::new(|it: &mut Value| {
            let mut methods = at(it, "/paths/~1products~1{id}").take();
            methods["get"]["parameters"][0]["name"] = json!("key");
            it["paths"]["/products/{key}"] = methods;
            remove(it, "/paths", "/products/{id}");
        }),
        Box::new(|it: &mut Value| set(it, "/info/version", json!("9.9.9"))),
        Box::new(|it: &mut Value| set(it, "/paths/~1products/get/summary", json!("Other words"))),
    ] {
        assert_eq!(after(change), Vec::<String>::new());
    }
}
