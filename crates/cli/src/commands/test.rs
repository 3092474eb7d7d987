//! `atlas test`: run the service's tests.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::examples;
use crate::{
    Context, Exit, Result,
    ops::{cargo, service::Project, test},
};

/// The arguments of `atlas test`.
pub(crate) fn command() -> Command {
    Command::new("test")
        .about("Runs the service's tests, with cargo-nextest where it is installed")
        .before_help(examples(&[
            ("atlas test", "all of them"),
            ("atlas test catalog", "those with `catalog` in their name"),
            (
                "atlas test -- --no-fail-fast",
                "anything cargo knows goes after `--`",
            ),
        ]))
        .arg(
            Arg::new("filters")
                .value_name("FILTER")
                .num_args(0..)
                .value_parser(value_parser!(OsString))
                .help("Runs only tests whose name contains FILTER"),
        )
        .arg(
            Arg::new("arguments")
                .value_name("ARGUMENTS")
                .num_args(0..)
                .last(true)
                .value_parser(value_parser!(OsString))
                .help("Arguments for `cargo nextest run`, or for `cargo test`"),
        )
}

/// Becomes the test runner, whose exit status is the answer.
pub(crate) fn run(context: &Context, arguments: &ArgMatches) -> Result<Exit> {
    let project = Project::require(&context.directory)?;
    let of = |name| {
        arguments
            .get_many::<OsString>(name)
            .into_iter()
            .flatten()
            .cloned()
    };
    let all: Vec<OsString> = of("arguments").chain(of("filters")).collect();
    Err(cargo::become_it(test::command(&project.root, &all)))
}
