//! What is sent and what is accepted: 415 and 406.

use http::Method;

use super::catalog;
use super::support::Client;

const NEW: &str = r#"{"name":"tea","price":{"currency_code":"EUR","units":4,"nanos":500000000}}"#;

fn client() -> Client {
    Client::new(catalog::routes(catalog::Catalog::default()))
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let client = client();
    for (media, status) in [
        (Some("application/json"), 201),
        (Some("APPLICATION/JSON; Charset=\"utf-8\""), 201),
        (Some("application/vnd.shop+json"), 201),
        (Some("application/json; charset=latin1"), 415),
        (Some("application/jsonp"), 415),
        (Some("text/json"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("multipart/form-data; boundary=x"), 415),
        (Some(""), 415),
        (None, 415),
    ] {
        let headers: Vec<_> = media.map(|it| ("content-type", it)).into_iter().collect();
        let answer = client.send(Method::POST, "/products", &headers, NEW).await;
        assert_eq!(answer.status, status, "{media:?}");
        if status == 415 {
            let problem = answer.problem(415, "unsupported_media_type");
            assert!(problem["detail"].to_string().contains("application/json"));
            assert_eq!(answer.header("accept"), "application/json");
        }
    }
}

#[tokio::test]
async fn an_answer_must_be_acceptable() {
    let client = client();
    for (accept, status) in [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*", 200),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("application/json;q=0.1, text/html", 200),
        ("application/json;q=0, */*;q=0.5", 406),
        ("*/*;q=0, application/json", 200),
        ("text/html", 406),
        ("application/xml;q=0.9, image/*", 406),
        ("*/*;q=0.0", 406),
    ] {
        let headers = [("accept", accept)];
        let answer = client.send(Method::GET, "/products", &headers, "").await;
        assert_eq!(answer.status, status, "{accept}");
        if status == 406 {
            let problem = answer.problem(406, "not_acceptable");
            assert!(problem["detail"].to_string().contains("application/json"));
        }
    }
}

#[tokio::test]
async fn nothing_is_done_for_a_client_that_would_not_take_the_answer() {
    let client = client();
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/json"),
    ];
    let answer = client.send(Method::POST, "/products", &headers, NEW).await;
    answer.problem(406, "not_acceptable");
    let list = client.get("/products").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 0);
}
