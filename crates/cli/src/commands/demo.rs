//! `atlas demo`.

use clap::{Arg, ArgMatches, Command, value_parser};

use super::examples;
use crate::{
    Context, Exit, OrFail, Result, Style,
    ops::{change::Action, demo},
};

/// The arguments of `atlas demo`.
pub(crate) fn command() -> Command {
    Command::new("demo")
        .about("Shows a whole service: generates a shop, fills it and serves it")
        .before_help(examples(&[
            ("atlas demo", "on http://127.0.0.1:8080, until Ctrl-C"),
            ("atlas demo --port 0", "on any free port"),
        ]))
        .after_help("Nothing else has to be installed or started: the data are in a file of SQLite beside the shop.")
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("PORT")
                .value_parser(value_parser!(u16))
                .default_value("8080")
                .help("Where the shop answers; 0 takes any free port"),
        )
}

/// Runs `atlas demo`.
pub(crate) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let printer = &context.printer;
    // a port in use is said before anything is built
    let port = matches.get_one::<u16>("port").copied().unwrap_or_default();
    let socket = demo::listen(port)?;
    let address = socket
        .local_addr()
        .or_fail(|| "cannot tell the port that was opened")?;

    let demo = demo::Demo::of_this_program()?;
    let plan = demo.write()?;
    let written = plan
        .changes()
        .iter()
        .filter(|change| change.action != Action::Identical)
        .count();
    printer.status(
        "generated",
        format!("{} ({written} files written)", demo.folder().display()),
    );
    let binary = demo::build(&demo, printer.is_quiet())?;
    printer.status("built", binary.display().to_string());

    let url = format!("http://{address}");
    printer.data(format!(
        "\nThe shop is on {}   (Ctrl-C stops it)\n\nTry:\n{}\n",
        printer.paint_data(Style::Bold, &url),
        demo::requests(&url)
            .map(|line| format!("  {line}"))
            .join("\n")
    ));
    Err(demo::serve(&demo, &binary, socket))
}
