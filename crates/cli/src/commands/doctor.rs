//! `atlas doctor`: find what stands in the way.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::examples;
use crate::{
    Context, Exit, Result, Style,
    ops::doctor::{self, State, Step},
};

/// The arguments of `atlas doctor`.
pub(crate) fn command() -> Command {
    Command::new("doctor")
        .about(
            "Checks tools, machine, port, configuration and migrations, and says how to repair them",
        )
        .before_help(examples(&[
            ("atlas doctor", "all checks, each failure with its fix"),
            ("atlas doctor --json", "the same for a program"),
            ("atlas doctor --fix", "repair what a command can repair"),
        ]))
        .arg(
            Arg::new("fix")
                .long("fix")
                .action(ArgAction::SetTrue)
                .help("Runs the commands that repair what was found, and looks again"),
        )
        .after_help(
            "Exit status: 0 when nothing failed (warnings are allowed), 3 when something did.",
        )
}

/// Prints each check when it is done.
pub(crate) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let printer = &context.printer;
    let print = |step: Step<'_>| {
        let (Step::Done(check) | Step::Repairing(check)) = step;
        if printer.is_json() {
            return;
        }
        let style = match check.state {
            State::Ok => Style::Green,
            State::Warning => Style::Yellow,
            State::Failed => Style::Red,
            State::Skipped => Style::Dim,
        };
        let word = format!("{:>7}", check.state.word());
        let lines: Vec<_> = check
            .message
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        printer.data(format!(
            "{}  {:<12}  {}",
            printer.paint_data(style, &word),
            check.name,
            lines.join(&format!("\n{:23}", ""))
        ));
        if let Some(fix) = &check.fix {
            printer.data(format!("{:23}fix: {fix}", ""));
        }
        if let Step::Repairing(_) = step {
            printer.status("running", check.repair.join(" "));
        }
    };
    let checks = doctor::run(&context.directory, matches.get_flag("fix"), print)?;
    let ok = checks.iter().all(|check| check.state != State::Failed);
    if printer.is_json() {
        printer.json(&serde_json::json!({ "version": 1, "ok": ok, "checks": checks }));
    }
    Ok(if ok { Exit::Success } else { Exit::Check })
}
