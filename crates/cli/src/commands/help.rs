//! `atlas help`: the page of a command or of an error code, offline.

use std::ffi::OsStr;

use clap::{Arg, ArgMatches, Command};

use super::{delegate, examples, explain};
use crate::{Context, Error, Exit, Result, ops};

/// The arguments of `atlas help`.
pub(crate) fn command() -> Command {
    Command::new("help")
        .about("Shows the page of a command or of an error code")
        .before_help(examples(&[
            (
                "atlas help dev",
                "a command's options, as `atlas dev --help`",
            ),
            ("atlas help A201", "an error code, as `atlas explain A201`"),
        ]))
        .arg(
            Arg::new("topic")
                .value_name("TOPIC")
                .num_args(0..)
                .help("A command, with its subcommand if it has one, or an error code"),
        )
}

/// Prints the page; for a command of the service's binary, asks that.
pub(crate) fn run(context: &Context, arguments: &ArgMatches) -> Result<Exit> {
    let topic: Vec<&str> = arguments
        .get_many::<String>("topic")
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let mut page = crate::command();
    page.build();
    let mut rest = topic.as_slice();
    while let [name, deeper @ ..] = rest
        && let Some(found) = page.find_subcommand(name).cloned()
    {
        (page, rest) = (found, deeper);
    }
    match (rest, topic.as_slice()) {
        ([], _) => {
            context.printer.data(page.render_help().to_string());
            Ok(Exit::Success)
        }
        ([code], [_]) if ops::explain::page(code).is_some() => explain::show(context, code),
        ([name, deeper @ ..], [first, ..]) if name == first => {
            let with_help: Vec<&OsStr> = deeper
                .iter()
                .copied()
                .chain(["--help"])
                .map(OsStr::new)
                .collect();
            delegate::run(context, name, &with_help)
        }
        (rest, _) => Err(Error::usage(format!(
            "`atlas {}` has no subcommand `{}`",
            page.get_name(),
            rest.join(" ")
        ))
        .help(format!("see what it has: `atlas help {}`", page.get_name()))),
    }
}
