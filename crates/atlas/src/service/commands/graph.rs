//! `graph`: the parts of the service and who needs whom.

use atlas_core::ExitStatus;
use clap::{Arg, ArgMatches, Command};

use super::Outcome;
use crate::service::cli;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("graph")
        .about("Shows the parts of the service and who needs whom")
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["mermaid", "dot", "json"])
                .default_value("mermaid")
                .help("How to draw it"),
        )
        .arg(cli::json())
}

pub(super) fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let graph = invocation.app().graph();
    let format = matches.get_one::<String>("format").map(String::as_str);
    let text = match format {
        _ if matches.get_flag("json") => graph.to_json(),
        Some("json") => graph.to_json(),
        Some("dot") => graph.to_dot(),
        _ => graph.to_mermaid(),
    };
    invocation.printer.answer(&text);
    Ok(ExitStatus::SUCCESS)
}
