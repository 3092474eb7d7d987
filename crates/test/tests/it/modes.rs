//! One suite over a socket and in process.

use atlas_test::TestApp;
use http::Method;
use serde_json::json;

use crate::notes;

/// What the service must do, however it is asked.
async fn suite(app: &TestApp) {
    let created = app
        .post("/notes", json!({ "text": "buy milk" }))
        .await
        .created();
    let place = created.header("location").to_owned();
    let id = created.matches(json!({ "text": "buy milk" })).id();
    assert_eq!(place, format!("/notes/{id}"));
    app.get(&place)
        .await
        .ok()
        .matches(json!({ "text": "buy milk" }));
    // the seed of the profile
    app.get("/notes/1")
        .await
        .ok()
        .matches(json!({ "id": 1, "text": "buy tea" }));

    app.get("/notes/4711")
        .await
        .status(404)
        .problem("note_not_found");
    app.get("/nowhere").await.status(404);
    let refused = app.request(Method::PUT, "/notes").await.status(405);
    assert!(refused.header("allow").contains("POST"));
    let invalid = app.post("/notes", json!({ "text": "" })).await.status(422);
    assert!(
        invalid.value()["errors"]
            .as_array()
            .is_some_and(|errors| errors.len() == 1)
    );
    invalid.violation("/text", "min_length");
    let malformed = app
        .request(Method::POST, "/notes")
        .header("content-type", "application/json")
        .body("{");
    malformed.await.status(400);
    app.delete("/notes/1/pin").await.no_content();
}

#[tokio::test]
async fn over_a_socket() {
    let app = TestApp::start(notes::app()).await;
    suite(&app).await;
    // the server around the routes answers as well
    app.get("/livez").await.ok();
    app.get("/readyz").await.ok();
    let answer = app
        .get("/notes/1")
        .header("x-request-id", "mine")
        .await
        .ok();
    assert!(!answer.header("x-request-id").is_empty());
    assert!(app.url().starts_with("http://127.0.0.1:"));
    app.stop().await;
}

#[tokio::test]
async fn in_process() {
    let app = TestApp::builder(notes::app()).in_process().start().await;
    suite(&app).await;
    app.stop().await;
}

#[tokio::test]
async fn a_query_is_encoded() {
    let app = TestApp::start(notes::app()).await;
    let answer = app
        .get("/notes/1")
        .query([("q", "a b&c=ü")])
        .query([("n", 7)])
        .await;
    answer.ok();
    app.stop().await;
}
