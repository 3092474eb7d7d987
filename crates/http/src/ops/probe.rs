//! The endpoints.

use std::sync::Arc;

use atlas_core::{HealthCheck, Phase, Phases};
use atlas_telemetry::Metrics;
use atlas_telemetry::context::Route;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::health::{Watched, ask_all};
use crate::problem::Problem;

/// One of the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    Live,
    Ready,
    Startup,
    Metrics,
}

const PATHS: [(&str, Probe); 4] = [
    ("/livez", Probe::Live),
    ("/readyz", Probe::Ready),
    ("/startupz", Probe::Startup),
    ("/metrics", Probe::Metrics),
];

/// What the endpoints look at.
pub(crate) struct Ops {
    phases: Phases,
    checks: Vec<Watched>,
    metrics: Option<Metrics>,
    /// Whether `?verbose` says what a check failed with, which may name machines and users.
    detailed: bool,
    routes: [Route; 4],
}

impl Ops {
    /// `metrics` is `None` where `/metrics` is not to be served.
    pub(crate) fn new(
        phases: Phases,
        checks: Vec<HealthCheck>,
        metrics: Option<Metrics>,
        detailed: bool,
    ) -> Self {
        Self {
            phases,
            checks: checks.into_iter().map(Watched::new).collect(),
            metrics,
            detailed,
            routes: PATHS.map(|(path, _)| Route::intern(path)),
        }
    }

    /// The endpoint at this path.
    pub(crate) fn probe(&self, path: &str) -> Option<Probe> {
        let (_, probe) = PATHS.iter().find(|(it, _)| *it == path)?;
        (*probe != Probe::Metrics || self.metrics.is_some()).then_some(*probe)
    }

    /// The route of an endpoint.
    pub(crate) fn route(&self, probe: Probe) -> Route {
        self.routes[probe as usize]
    }

    /// Answers a request to an endpoint.
    pub(crate) async fn answer(self: Arc<Self>, probe: Probe, request: Parts) -> Response {
        let verbose = request.uri.query().is_some_and(|query| {
            query
                .split('&')
                .any(|it| it == "verbose" || it.starts_with("verbose="))
        });
        match probe {
            Probe::Live => json_text(r#"{"status":"alive"}"#),
            Probe::Startup if self.phases.now() == Phase::Starting => {
                not_ready("the service is starting")
            }
            Probe::Startup => json_text(r#"{"status":"started"}"#),
            Probe::Ready => self.ready(verbose).await,
            Probe::Metrics => self.numbers(&request),
        }
    }

    async fn ready(&self, verbose: bool) -> Response {
        let phase = self.phases.now();
        let (obstacle, name) = match phase {
            Phase::Starting => (Some("the service is starting"), "starting"),
            Phase::Started => (None, "started"),
            Phase::Stopping | Phase::Stopped => (Some("the service is stopping"), "stopping"),
        };
        if let (Some(obstacle), false) = (obstacle, verbose) {
            return not_ready(obstacle);
        }
        let findings = ask_all(&self.checks).await;
        let checked = self.checks.iter().zip(&findings);
        let sick = checked
            .clone()
            .any(|(it, finding)| it.check().is_critical() && finding.error.is_some());
        let ready = obstacle.is_none() && !sick;
        if !verbose {
            return if ready {
                json_text(r#"{"status":"ready"}"#)
            } else {
                not_ready("a part of the service is not well; `?verbose` says which")
            };
        }
        let checks: Vec<Value> = checked
            .map(|(it, finding)| {
                let mut check = Map::new();
                check.insert("name".to_owned(), it.check().name().into());
                check.insert("critical".to_owned(), it.check().is_critical().into());
                let well = finding.error.is_none();
                check.insert(
                    "status".to_owned(),
                    if well { "ok" } else { "failing" }.into(),
                );
                let milliseconds = finding.took.as_micros() as f64 / 1000.0;
                check.insert("duration_ms".to_owned(), milliseconds.into());
                if let (Some(error), true) = (&finding.error, self.detailed) {
                    check.insert("error".to_owned(), error.as_ref().into());
                }
                Value::Object(check)
            })
            .collect();
        let status = if ready { "ready" } else { "not_ready" };
        let body = json!({ "status": status, "phase": name, "checks": checks });
        let mut response = json_text(body.to_string());
        if !ready {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    }

    fn numbers(&self, request: &Parts) -> Response {
        let Some(metrics) = &self.metrics else {
            return Problem::route_not_found().into_response();
        };
        let accept = request.headers.get(header::ACCEPT);
        let open = accept.is_some_and(|it| {
            let it = it.to_str().unwrap_or_default();
            it.contains("application/openmetrics-text")
        });
        let (text, media_type) = if open {
            (metrics.open_metrics(), Metrics::OPEN_METRICS)
        } else {
            (metrics.prometheus(), Metrics::PROMETHEUS)
        };
        with_type(text, media_type)
    }
}

fn json_text(body: impl Into<Body>) -> Response {
    with_type(body, "application/json")
}

fn with_type(body: impl Into<Body>, media_type: &'static str) -> Response {
    let mut response = Response::new(body.into());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn not_ready(why: &'static str) -> Response {
    Problem::unavailable(std::time::Duration::from_secs(1))
        .detail(why)
        .into_response()
}
