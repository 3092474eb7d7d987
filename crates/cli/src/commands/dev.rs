//! `atlas dev`: run the service and follow every save.

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::examples;
use crate::{
    Context, Exit, Result,
    ops::{dev, service::Project},
};

/// The arguments of `atlas dev`.
pub(crate) fn command() -> Command {
    Command::new("dev")
        .about("Builds and runs the service, and again on every save")
        .before_help(examples(&[
            ("atlas dev", "on the configured port; requests wait while it builds"),
            ("atlas dev --port 0 --open", "on a free port, and shows it in the browser"),
            ("atlas dev --profile test", "with the settings of another profile"),
            ("atlas dev -- --set log.level=debug", "with arguments for the service itself"),
        ]))
        .arg(
            Arg::new("port")
                .long("port")
                .short('p')
                .value_name("PORT")
                .value_parser(value_parser!(u16))
                .help("Listens on PORT instead of the configured one; 0 takes a free one"),
        )
        .arg(Arg::new("profile").long("profile").value_name("NAME").help("Configuration profile of the service"))
        .arg(Arg::new("open").long("open").action(ArgAction::SetTrue).help("Opens the service in the browser"))
        .arg(
            Arg::new("arguments")
                .value_name("ARGUMENTS")
                .num_args(0..)
                .last(true)
                .value_parser(value_parser!(OsString))
                .help("Arguments for the service's own binary"),
        )
        .after_help(
            "Watched: src, migrations, seeds, templates, proto, assets and Cargo.toml are built anew; config and .env \
             only restart.\nKeys on a terminal: r restart, t test, o open, q quit.\nWith `--json`, every event is one \
             JSON object a line on stdout.",
        )
}

/// Develops until told to stop.
pub(crate) fn run(context: &Context, arguments: &ArgMatches) -> Result<Exit> {
    let project = Project::require(&context.directory)?;
    let options = dev::Options {
        port: arguments.get_one::<u16>("port").copied(),
        profile: arguments.get_one::<String>("profile").cloned(),
        open: arguments.get_flag("open"),
        keys: context.interactive,
        arguments: arguments
            .get_many::<OsString>("arguments")
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
    };
    dev::run(&project, &options, context.printer)
}
