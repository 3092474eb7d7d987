//! `routes`: what the service answers.

use std::fmt;

use atlas_config::{ByteSize, Duration};
use atlas_core::ExitStatus;
use atlas_http::routes::Operation;
use atlas_http::{Api, HttpConfig};
use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("routes")
        .about("Lists every route with its handler, its limits and what it takes and gives")
        .arg(cli::json())
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let (api, config) = configured(invocation).await?;
    let operations = api.operations();
    if matches.get_flag("json") {
        let all: Vec<_> = operations
            .iter()
            .map(|it| described(it, &Limits::of(it, &config)))
            .collect();
        invocation.printer.json(&json!({ "routes": all }));
        return Ok(ExitStatus::SUCCESS);
    }
    let rows: Vec<_> = operations
        .iter()
        .map(|it| {
            [
                it.method().to_string(),
                it.path().to_owned(),
                it.request()
                    .map(|(name, _)| name.to_owned())
                    .unwrap_or_default(),
                gives(it),
                Limits::of(it, &config).to_string(),
                it.handler().to_owned(),
            ]
        })
        .collect();
    let head = ["METHOD", "PATH", "TAKES", "GIVES", "LIMITS", "HANDLER"];
    invocation.printer.table(head, &rows);
    Ok(ExitStatus::SUCCESS)
}

/// The service's API; building it starts nothing.
pub(super) async fn api(invocation: &Invocation) -> Result<Api, Failure> {
    configured(invocation).await.map(|(api, _)| api)
}

async fn configured(invocation: &Invocation) -> Result<(Api, HttpConfig), Failure> {
    let app = invocation.valid_app().await?;
    let name = app.name();
    match app.resolve::<(Option<Api>, Option<HttpConfig>)>().await? {
        (Some(api), Some(config)) => Ok((api, config)),
        _ => Err(Failure::new(format!("`{name}` has no routes"))
            .help("add `.module(atlas::http::module())` to the app")),
    }
}

/// What holds for a route: its own word, or that of the configuration.
struct Limits {
    timeout: Duration,
    body_timeout: Duration,
    max_body: ByteSize,
}

impl Limits {
    fn of(operation: &Operation, config: &HttpConfig) -> Self {
        Self {
            timeout: operation
                .timeout()
                .map_or(config.handler_timeout, Into::into),
            body_timeout: operation
                .body_timeout()
                .map_or(config.body_timeout, Into::into),
            max_body: operation
                .max_body()
                .map_or(config.max_body_bytes, ByteSize::from_bytes),
        }
    }

    fn json(&self) -> Value {
        json!({
            "timeout": self.timeout,
            "body_timeout": self.body_timeout,
            "max_body": self.max_body,
        })
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.timeout, self.max_body)
    }
}

fn gives(operation: &Operation) -> String {
    let all: Vec<_> = operation
        .responses()
        .map(|(status, name)| match name {
            Some(name) => format!("{status} {name}"),
            None => status.to_string(),
        })
        .collect();
    all.join(", ")
}

fn described(operation: &Operation, limits: &Limits) -> Value {
    let responses: Vec<_> = operation
        .responses()
        .map(|(status, name)| json!({ "status": status, "type": name }))
        .collect();
    json!({
        "method": operation.method().as_str(),
        "path": operation.path(),
        "handler": operation.handler(),
        "tag": operation.tag(),
        "request": operation.request().map(|(name, media)| json!({ "type": name, "media": media })),
        "responses": responses,
        "limits": limits.json(),
        "hidden": operation.is_hidden(),
    })
}
