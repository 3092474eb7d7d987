//! `openapi`: the document that describes the API, and whether a copy of it is still true.

use std::fs;
use std::path::PathBuf;

use atlas_core::ExitStatus;
use atlas_http::openapi::{Breaking, Difference, breaking, differences};
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::Value;

use super::{Outcome, routes};
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    let file = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
    };
    Command::new("openapi")
        .about("Prints the OpenAPI document, writes it to a file, or checks that a file still agrees with the code")
        .arg(file("check").help("Exits with 3 when this document differs, and says where"))
        .arg(
            file("output")
                .conflicts_with("check")
                .help("Writes the document to this file"),
        )
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let api = routes::api(invocation).await?;
    let printer = invocation.printer;
    if let Some(file) = matches.get_one::<PathBuf>("check") {
        let text = fs::read_to_string(file).map_err(|error| {
            Failure::new(format!("cannot read {}: {error}", file.display()))
                .exit(3)
                .help(&format!(
                    "write it first: `openapi --output {}`",
                    file.display()
                ))
        })?;
        let no_json = |error: serde_json::Error| {
            Failure::new(format!("{} is not JSON: {error}", file.display())).exit(3)
        };
        let document = api.openapi();
        let found = differences(&text, &document).map_err(no_json)?;
        if found.is_empty() {
            printer.answer(&format!("{} agrees with the code", file.display()));
            return Ok(ExitStatus::SUCCESS);
        }
        let committed: Value = serde_json::from_str(&text).map_err(no_json)?;
        printer.answer(&shown(&found, &breaking(&committed, &document)));
        return Err(Failure::new(format!(
            "{} does not agree with the code: {} differences",
            file.display(),
            found.len()
        ))
        .exit(3)
        .help(&format!(
            "if the change is meant: `openapi --output {}`",
            file.display()
        )));
    }
    let document = api.openapi_json();
    match matches.get_one::<PathBuf>("output") {
        None => printer.answer(&String::from_utf8_lossy(&document)),
        Some(file) => {
            fs::write(file, &document).map_err(|error| {
                Failure::new(format!("cannot write {}: {error}", file.display()))
            })?;
            printer.answer(&format!("wrote {}", file.display()));
        }
    }
    Ok(ExitStatus::SUCCESS)
}

/// The differences as lines: `-` only in the file, `+` only in the code, `~` changed; of many only the first. Then what
/// breaks clients that keep to the file, marked `!`.
fn shown(found: &[Difference], breaking: &[Breaking]) -> String {
    const MOST: usize = 40;
    let mut lines: Vec<_> = found.iter().take(MOST).map(ToString::to_string).collect();
    if found.len() > MOST {
        lines.push(format!("… and {} more", found.len() - MOST));
    }
    lines.extend(breaking.iter().map(|it| format!("! {it}")));
    lines.join("\n")
}
