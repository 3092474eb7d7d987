//! Problems: one form for every failure, and nothing of the inside.

use std::io;

use atlas_core::{Error as DomainError, Kind};
use atlas_http::problem::kinds;
use atlas_http::{Error, Json, Path, Problem, Result, Routes, get};
use atlas_telemetry::context::{self, Context, RequestId};
use http::StatusCode;

use super::support::Client;

const KINDS: [(Kind, u16); 14] = [
    (Kind::Invalid, 422),
    (Kind::Malformed, 400),
    (Kind::Unauthenticated, 401),
    (Kind::Forbidden, 403),
    (Kind::NotFound, 404),
    (Kind::AlreadyExists, 409),
    (Kind::Conflict, 409),
    (Kind::PreconditionFailed, 412),
    (Kind::RateLimited, 429),
    (Kind::TooLarge, 413),
    (Kind::Timeout, 504),
    (Kind::Unavailable, 503),
    (Kind::NotImplemented, 501),
    (Kind::Internal, 500),
];

async fn fail(Path(at): Path<usize>) -> Result<Json<()>> {
    let secret = io::Error::other("postgres://admin:hunter2@db/shop at src/repository.rs:42");
    let error = DomainError::new(KINDS[at].0, "some_code", "the tea is gone");
    Err(error.source(secret))?
}

fn client() -> Client {
    Client::new(Routes::new("").route("/fail/{at}", get(fail)))
}

#[tokio::test]
async fn the_kind_of_a_domain_error_decides_the_status() {
    let client = client();
    for (at, (kind, status)) in KINDS.iter().enumerate() {
        let answer = client.get(&format!("/fail/{at}")).await;
        let problem = answer.problem(*status, "some_code");
        let detail = problem["detail"].as_str().unwrap();
        if *status < 500 {
            assert_eq!(detail, "the tea is gone", "{kind:?}");
        } else {
            assert!(!detail.contains("tea"), "{detail}");
        }
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            *status == 401
        );
        let waits = matches!(status, 429 | 503);
        assert_eq!(
            answer.headers.contains_key("retry-after"),
            waits,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn causes_stay_inside() {
    let client = client();
    for at in 0..KINDS.len() {
        let body = client.get(&format!("/fail/{at}")).await.body;
        let body = String::from_utf8(body.to_vec()).unwrap();
        for inside in [
            "hunter2", "postgres", "src/", ".rs", "io::", "Error {", "panicked",
        ] {
            assert!(!body.contains(inside), "{body}");
        }
    }
}

#[tokio::test]
async fn a_problem_names_its_request_and_the_context_its_code() {
    let context = Context::root(RequestId::accept(b"req-7").unwrap());
    let trace = context.trace_id().to_string();
    let client = client();
    let (problem, noted) = context::scope(context, async {
        let answer = client.get("/fail/4").await;
        let code = context::current(Context::error).flatten();
        (answer.problem(404, "some_code"), code)
    })
    .await;
    assert_eq!(problem["request_id"], "req-7");
    assert_eq!(problem["instance"], "urn:request:req-7");
    assert_eq!(problem["trace_id"], trace);
    assert_eq!(noted, Some("some_code"));
}

#[test]
fn rules_of_the_domain_are_faults_of_the_body() {
    let error = DomainError::invalid("order_invalid", "the order breaks 1 rule").violation(
        "/lines/0/count",
        "out_of_stock",
        "there are 2 left",
    );
    let problem = serde_json::to_value(Error::from(error).problem()).unwrap();
    assert_eq!(problem["type"], "/docs/problems/invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/lines/0/count");
    assert_eq!(problem["errors"][0]["code"], "out_of_stock");
}

#[test]
fn every_kind_has_a_page_of_its_own() {
    let mut slugs: Vec<_> = kinds().iter().map(|it| it.slug).collect();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), kinds().len());
    for kind in kinds() {
        let status = StatusCode::from_u16(kind.status).unwrap();
        assert!(status.is_client_error() || status.is_server_error());
        assert!(kind.meaning.ends_with('.') && kind.remedy.ends_with('.'));
        let problem = Problem::new(status, kind.slug, kind.title);
        assert_eq!(problem.type_uri(), format!("/docs/problems/{}", kind.slug));
    }
}
