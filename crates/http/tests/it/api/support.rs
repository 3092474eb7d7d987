//! A client that calls a router in process, and assertions about its answers.

use std::path::PathBuf;

use atlas_http::Routes;
use atlas_http::axum::Router;
use atlas_http::axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Client(Router);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(routes: Routes) -> Self {
        Self(routes.into_router().unwrap())
    }

    pub(crate) fn of(router: Router) -> Self {
        Self(router)
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(Method::GET, uri, &[], Body::empty()).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &str) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, uri, &headers, body.to_owned())
            .await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The problem, after checking what holds for every one of them.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        let media = self.header(header::CONTENT_TYPE);
        assert_eq!(media, "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code, "{problem}");
        let uri = problem["type"].as_str().unwrap();
        assert!(uri.starts_with("/docs/problems/"), "{uri}");
        assert!(problem["title"].is_string());
        problem
    }

    /// Place and code of every fault, sorted: `/name min_length`, `query:limit type`.
    pub(crate) fn faults(&self) -> Vec<String> {
        let problem = self.json();
        let faults = problem["errors"].as_array().into_iter().flatten();
        let mut faults: Vec<String> = faults
            .map(|it| {
                let code = it["code"].as_str().unwrap();
                assert!(!it["message"].as_str().unwrap().is_empty());
                match it["pointer"].as_str() {
                    Some(pointer) => format!("{pointer} {code}"),
                    None => {
                        let place = it["in"].as_str().unwrap();
                        let name = it["parameter"].as_str().unwrap();
                        format!("{place}:{name} {code}")
                    }
                }
            })
            .collect();
        faults.sort();
        faults
    }
}

/// Compares with a committed file; `UPDATE_GOLDEN=1` writes it.
pub(crate) fn golden(name: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/api/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected,
        actual,
        "{} differs; `UPDATE_GOLDEN=1` rewrites it",
        path.display()
    );
}
