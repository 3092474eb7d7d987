//! Versions: `ETag`, `If-None-Match`, `If-Match`.

use std::sync::{Arc, Mutex};

use atlas_core::scope;
use atlas_http::{
    Created, IfMatch, Json, MustMatch, NoContent, Result, Routes, State, Tagged, axum::body::Body,
    get, put,
};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::support::{Answer, Client};

#[derive(Clone)]
struct Tea(Arc<Mutex<View>>);

#[derive(Clone, Serialize, JsonSchema)]
struct View {
    name: String,
    version: i64,
}

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Change {
    name: String,
}

impl Tea {
    /// What a repository does: compares and writes in one step, and says so when somebody else was faster.
    fn change(&self, name: String, seen: Option<i64>) -> atlas_core::Result<View> {
        let mut tea = self.0.lock().unwrap();
        if seen.is_some_and(|it| it != tea.version) {
            return Err(atlas_core::Error::conflict(
                "stale",
                "it was changed by somebody else",
            ));
        }
        *tea = View {
            name,
            version: tea.version + 1,
        };
        Ok(tea.clone())
    }
}

async fn show(State(tea): State<Tea>) -> Tagged<Json<View>> {
    let tea = tea.0.lock().unwrap().clone();
    Tagged::new(tea.version, Json(tea))
}

async fn change(
    State(tea): State<Tea>,
    seen: IfMatch,
    Json(new): Json<Change>,
) -> Result<Tagged<Json<View>>> {
    let tea = tea.change(new.name, seen.version()?)?;
    Ok(Tagged::new(tea.version, Json(tea)))
}

/// Has read the version before, as another one that the client does not know.
async fn overtaken(State(tea): State<Tea>, _: IfMatch) -> Result<NoContent> {
    tea.change("overtaken".into(), Some(0))?;
    Ok(NoContent)
}

async fn remove(State(tea): State<Tea>, seen: MustMatch) -> Result<NoContent> {
    let version = tea.0.lock().unwrap().version;
    seen.check(version)?;
    Ok(NoContent)
}

async fn add(State(tea): State<Tea>) -> Tagged<Created<View>> {
    let tea = tea.0.lock().unwrap().clone();
    Tagged::new(tea.version, Created::at("/tea", tea))
}

fn routes() -> Routes {
    let tea = Tea(Arc::new(Mutex::new(View {
        name: "sencha".into(),
        version: 1,
    })));
    Routes::new("/tea")
        .route("/", get(show).put(change).delete(remove).post(add))
        .route("/overtaken", put(overtaken))
        .with_state(tea)
}

struct Caller(Client);

impl Caller {
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        scope::enter(self.0.send(method, path, &headers, body)).await
    }

    async fn show(&self, tags: &[&str]) -> Answer {
        let headers: Vec<_> = tags.iter().map(|it| ("if-none-match", *it)).collect();
        self.0
            .send(Method::GET, "/tea", &headers, Body::empty())
            .await
    }

    async fn change(&self, tags: &[&str]) -> Answer {
        let headers: Vec<_> = tags.iter().map(|it| ("if-match", *it)).collect();
        self.send(Method::PUT, "/tea", &headers, r#"{"name": "gyokuro"}"#)
            .await
    }
}

fn caller() -> Caller {
    Caller(Client::new(routes()))
}

#[tokio::test]
async fn an_answer_says_which_version_it_shows() {
    let caller = caller();
    let shown = caller.show(&[]).await;
    assert_eq!(
        (shown.status.as_u16(), shown.header("etag")),
        (200, "\"1\"")
    );
    let changed = caller.change(&[]).await;
    assert_eq!(
        (changed.status.as_u16(), changed.header("etag")),
        (200, "\"2\"")
    );
    let added = caller.send(Method::POST, "/tea", &[], "").await;
    assert_eq!(
        (added.status.as_u16(), added.header("etag")),
        (201, "\"2\"")
    );
    assert_eq!(added.header("location"), "/tea");
}

#[tokio::test]
async fn who_has_the_version_gets_no_body() {
    let caller = caller();
    for tags in [
        &["\"1\""][..],
        &["W/\"1\""],
        &["*"],
        &["\"0\", \"1\""],
        &["\"0\"", "\"1\""],
    ] {
        let answer = caller.show(tags).await;
        assert_eq!(answer.status, 304, "{tags:?}");
        assert_eq!(answer.header("etag"), "\"1\"");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("content-type"), "");
    }
    for tags in [&["\"2\""][..], &["W/\"2\""], &["nonsense"], &["\"11\""]] {
        let answer = caller.show(tags).await;
        assert_eq!(answer.status, 200, "{tags:?}");
        assert_eq!(answer.json()["name"], "sencha");
    }
    let headers = [("if-none-match", "\"1\"")];
    let head = caller
        .0
        .send(Method::HEAD, "/tea", &headers, Body::empty())
        .await;
    assert_eq!(head.status, 304);
    let post = caller.send(Method::POST, "/tea", &headers, "").await;
    assert_eq!(post.status, 201, "only who reads is spared the body");
}

#[tokio::test]
async fn the_second_of_two_writers_gets_412() {
    let caller = caller();
    assert_eq!(caller.change(&["\"1\""]).await.status, 200);
    let refused = caller.change(&["\"1\""]).await;
    refused.problem(412, "stale");
    assert_eq!(caller.change(&["\"2\""]).await.header("etag"), "\"3\"");
    assert_eq!(caller.change(&["*"]).await.header("etag"), "\"4\"");
    assert_eq!(caller.change(&[]).await.header("etag"), "\"5\"");
}

#[tokio::test]
async fn without_a_condition_a_conflict_stays_one() {
    let caller = caller();
    let plain = caller.send(Method::PUT, "/tea/overtaken", &[], "").await;
    plain.problem(409, "stale");
    let headers = [("if-match", "*")];
    let conditional = caller
        .send(Method::PUT, "/tea/overtaken", &headers, "")
        .await;
    conditional.problem(412, "stale");
}

#[tokio::test]
async fn a_tag_that_is_no_version_of_ours_never_matches() {
    let caller = caller();
    for tags in [
        &["W/\"1\""][..],
        &["\"abc\""],
        &["\"+1\""],
        &["\"01\""],
        &["\"\""],
    ] {
        caller
            .change(tags)
            .await
            .problem(412, "precondition_failed");
    }
    for tags in [&["1"][..], &["\"1"], &[""], &["*, \"1\""]] {
        let refused = caller.change(tags).await;
        refused.problem(400, "malformed");
        assert_eq!(refused.faults(), ["header:if-match invalid"], "{tags:?}");
    }
    caller
        .change(&["\"1\", \"2\""])
        .await
        .problem(400, "malformed");
    assert_eq!(caller.change(&["W/\"7\", \"1\""]).await.status, 200);
}

#[tokio::test]
async fn a_route_may_demand_the_version() {
    let caller = caller();
    let remove = async |tags: &[(&str, &str)]| caller.send(Method::DELETE, "/tea", tags, "").await;
    remove(&[]).await.problem(428, "precondition_required");
    remove(&[("if-match", "\"2\"")])
        .await
        .problem(412, "precondition_failed");
    remove(&[("if-match", "W/\"1\"")])
        .await
        .problem(412, "precondition_failed");
    assert_eq!(remove(&[("if-match", "\"2\", \"1\"")]).await.status, 204);
    assert_eq!(remove(&[("if-match", "*")]).await.status, 204);
}

#[test]
fn the_document_knows_the_headers() {
    let api = atlas_http::Api::new(
        vec![routes()],
        Some(atlas_http::ApiInfo::new("Tea", "1.0.0")),
    )
    .unwrap();
    let document = api.openapi();
    let tea = &document["paths"]["/tea"];
    assert!(tea["get"]["responses"]["200"]["headers"]["ETag"].is_object());
    assert!(tea["get"]["responses"]["304"].is_object());
    assert!(tea["put"]["responses"]["304"].is_null());
    for (method, required, statuses) in [
        ("put", false, vec!["412"]),
        ("delete", true, vec!["412", "428"]),
    ] {
        let header = &tea[method]["parameters"][0];
        assert_eq!(
            (header["name"].as_str(), header["required"].as_bool()),
            (Some("if-match"), Some(required))
        );
        for status in statuses {
            assert!(
                tea[method]["responses"][status].is_object(),
                "{method} {status}"
            );
        }
    }
}
