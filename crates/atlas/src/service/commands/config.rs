//! `config show|explain|check|reference`: what the service is told, and by whom.

use atlas_config::{Description, Reference, Resolution};
use atlas_core::{Diagnostic, ExitStatus};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("config")
        .about("Shows, explains and checks the configuration")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("show")
                .about("Shows the value of every key, secrets hidden")
                .arg(
                    Arg::new("origins")
                        .long("origins")
                        .action(ArgAction::SetTrue)
                        .help("Says behind every value where it is written"),
                )
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("explain")
                .about("Says why a key has its value: who set it, and what that shadows")
                .arg(
                    Arg::new("key")
                        .value_name("KEY")
                        .required(true)
                        .help("A key (http.port), a section (http) or a variable (ATLAS_HTTP__PORT)"),
                )
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("check")
                .about("Checks every value, and exits with 78 when one is wrong")
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("reference")
                .about("Lists every key with its type, its defaults and what it is for")
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .value_parser(["markdown", "toml", "env", "json", "schema"])
                        .default_value("markdown")
                        .help("How to write it: a page, a commented file, an .env.example, data, a JSON Schema"),
                )
                .arg(cli::json()),
        )
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let sections: Vec<Description> = invocation.app().resolve().await?;
    let resolution = || invocation.config().resolve(sections.clone());
    match matches.subcommand() {
        Some(("show", matches)) => show(invocation, matches, &resolution()),
        Some(("explain", matches)) => explain(invocation, matches, &resolution()),
        Some(("check", matches)) => check(invocation, matches, &resolution()),
        Some((_, matches)) => reference(invocation, matches, &Reference::of(&sections)),
        None => Ok(ExitStatus::new(2)),
    }
}

fn show(invocation: &Invocation, matches: &ArgMatches, resolution: &Resolution) -> Outcome {
    let shown = resolution.show();
    match matches.get_flag("json") {
        true => invocation.printer.json(&json!(shown)),
        false => invocation
            .printer
            .answer(&shown.to_toml(matches.get_flag("origins"))),
    }
    Ok(ExitStatus::SUCCESS)
}

fn explain(invocation: &Invocation, matches: &ArgMatches, resolution: &Resolution) -> Outcome {
    let key = matches.get_one::<String>("key").map_or("", String::as_str);
    let all = resolution
        .explain(key)
        .map_err(|error| Failure::new(error.to_string()).exit(2))?;
    match matches.get_flag("json") {
        true => invocation.printer.json(&json!({ "keys": all })),
        false => {
            let texts: Vec<_> = all.iter().map(ToString::to_string).collect();
            invocation.printer.answer(&texts.join("\n\n"));
        }
    }
    Ok(ExitStatus::SUCCESS)
}

fn check(invocation: &Invocation, matches: &ArgMatches, resolution: &Resolution) -> Outcome {
    let printer = invocation.printer;
    let result = resolution.check_result();
    if matches.get_flag("json") {
        printer.json(&json!({
            "profile": resolution.profile().name(),
            "valid": result.is_ok(),
            "problems": resolution.problems(),
            "warnings": resolution.warnings(),
        }));
        let exit = if result.is_ok() { 0 } else { 78 };
        return Ok(ExitStatus::new(exit));
    }
    for warning in resolution.warnings() {
        printer.failure(&format!("warning: {warning}"));
    }
    result.map_err(Diagnostic::from)?;
    let profile = resolution.profile();
    printer.answer(&format!(
        "the configuration for profile `{profile}` is valid"
    ));
    Ok(ExitStatus::SUCCESS)
}

fn reference(invocation: &Invocation, matches: &ArgMatches, reference: &Reference) -> Outcome {
    let format = matches.get_one::<String>("format").map(String::as_str);
    let printer = invocation.printer;
    match format {
        _ if matches.get_flag("json") => printer.json(&json!(reference)),
        Some("json") => printer.json(&json!(reference)),
        Some("schema") => printer.answer(&format!("{:#}", reference.to_json_schema())),
        Some("toml") => printer.answer(&reference.to_toml()),
        Some("env") => printer.answer(&reference.to_env_example()),
        _ => printer.answer(&reference.to_markdown()),
    }
    Ok(ExitStatus::SUCCESS)
}
