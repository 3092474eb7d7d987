//! The documentation page: small, ours, and without a word to anyone else.

use atlas_http::problem::kinds;
use atlas_http::{Api, Routes};

use super::catalog;
use super::support::Client;

fn client() -> Client {
    let routes = catalog::routes(catalog::Catalog::default());
    let api = Api::new(vec![routes], None).unwrap();
    Client::of(api.router().merge(api.docs()))
}

const FILES: [(&str, &str); 4] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/docs.css", "text/css; charset=utf-8"),
    ("/docs/docs.js", "text/javascript; charset=utf-8"),
    ("/docs/problems/not_found", "text/html; charset=utf-8"),
];

#[tokio::test]
async fn the_page_asks_nobody_else_for_anything() {
    let client = client();
    let mut size = 0;
    for (path, media) in FILES {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), media);
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!text.contains("://"), "{path} names another place");
        for outside in [
            "@import",
            "url(",
            "eval(",
            "innerHTML",
            "style=",
            "onclick",
            "javascript:",
        ] {
            assert!(!text.contains(outside), "{path} has {outside}");
        }
        size += text.len();
    }
    assert!(size < 40_000, "{size} bytes");
}

#[tokio::test]
async fn everything_the_page_loads_is_served_under_a_strict_policy() {
    let client = client();
    let page = client.get("/docs").await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let references = html.split(['"']).filter(|it| it.starts_with('/'));
    let mut count = 0;
    for reference in references {
        assert_eq!(client.get(reference).await.status, 200, "{reference}");
        count += 1;
    }
    assert!(count >= 4, "{html}");
    // an inline script or style would be stopped by the policy
    assert!(!html.contains("<style") && !html.contains("<script>"));
}

#[tokio::test]
async fn the_document_is_served_as_it_is_made() {
    let api = Api::new(vec![catalog::routes(catalog::Catalog::default())], None).unwrap();
    let answer = Client::of(api.docs()).get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), api.openapi());
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_type_of_a_problem_leads_to_its_page() {
    let client = client();
    for kind in kinds() {
        let answer = client.get(&format!("/docs/problems/{}", kind.slug)).await;
        assert_eq!(answer.status, 200, "{}", kind.slug);
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains(kind.meaning) && text.contains(kind.remedy));
        assert!(!text.contains('{'), "{text}");
    }
    client
        .get("/docs/problems/no_such")
        .await
        .problem(404, "problem_not_found");
    client
        .get("/docs/secret.txt")
        .await
        .problem(404, "route_not_found");
}

#[tokio::test]
async fn problems_lead_somewhere_even_where_the_documentation_is_off() {
    let api = Api::new(Vec::<Routes>::new(), None).unwrap();
    let client = Client::of(api.router());
    assert_eq!(client.get("/docs/problems/not_found").await.status, 200);
    assert_eq!(client.get("/docs/docs.css").await.status, 200);
    for path in ["/docs", "/docs/docs.js", "/openapi.json"] {
        client.get(path).await.problem(404, "route_not_found");
    }
}

#[tokio::test]
async fn the_documentation_refuses_other_methods_as_every_route_does() {
    let client = client();
    for path in [
        "/openapi.json",
        "/docs",
        "/docs/docs.js",
        "/docs/docs.css",
        "/docs/problems/invalid",
    ] {
        let answer = client.post(path, "").await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET,HEAD", "{path}");
    }
}

#[tokio::test]
async fn a_service_without_routes_has_documentation_too() {
    let api = Api::new(Vec::<Routes>::new(), None).unwrap();
    let client = Client::of(api.router().merge(api.docs()));
    assert_eq!(
        client.get("/openapi.json").await.json()["paths"],
        serde_json::json!({})
    );
    client.get("/").await.problem(404, "route_not_found");
}
