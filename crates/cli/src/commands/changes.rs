//! What all commands that change files have in common: flags, questions, words.

use clap::{Arg, ArgAction, ArgMatches};
use inquire::{InquireError, Select};

use crate::{
    Context, Error, Exit, Result, Style,
    ops::change::{Action, Answer, Change, Plan, Report},
};

/// `--dry-run`, `--force` and `--skip`.
pub(super) fn flags() -> [Arg; 3] {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    [
        flag(
            "dry-run",
            "Show the changes as a unified diff and make none",
        ),
        flag(
            "force",
            "Replace or remove files even if their content differs",
        ),
        flag("skip", "Leave files alone whose content differs").conflicts_with("force"),
    ]
}

/// Decides the conflicts of a plan, makes its changes unless it is a dry run, and says what was done.
pub(super) fn carry_out(
    context: &Context,
    matches: &ArgMatches,
    command: &str,
    mut plan: Plan,
    next: Vec<String>,
) -> Result<Exit> {
    let dry_run = matches.get_flag("dry-run");
    decide(context, matches, &mut plan, dry_run)?;
    if !dry_run {
        plan.apply()?;
    }
    let report = Report::of(command, &plan, dry_run, next);
    if context.printer.is_json() {
        context.printer.json(&report);
    } else {
        say(context, &plan, &report);
    }
    let undecided = plan.conflicts().next().is_some();
    Ok(if undecided {
        Exit::Check
    } else {
        Exit::Success
    })
}

fn decide(context: &Context, matches: &ArgMatches, plan: &mut Plan, dry_run: bool) -> Result<()> {
    let flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten() == Some(&true);
    if flag("force") {
        return plan.decide(|_| Ok(Answer::All));
    }
    if flag("skip") {
        return plan.decide(|_| Ok(Answer::No));
    }
    if dry_run || plan.conflicts().next().is_none() {
        return Ok(());
    }
    if context.interactive {
        return plan.decide(|change| ask(context, change));
    }
    let paths: Vec<String> = plan
        .conflicts()
        .map(|change| format!("`{}`", change.path))
        .collect();
    if !context.printer.is_json() {
        for change in plan.conflicts() {
            context.printer.message(change.diff());
        }
    }
    Err(Error::new(format!(
        "{} {} other content than expected, nothing was changed",
        paths.join(", "),
        if paths.len() == 1 { "has" } else { "have" }
    ))
    .exit(Exit::Check)
    .help("look at the difference above, then give `--force` to lose it or `--skip` to keep it")
    .help("on a terminal, without `--no-input`, every file is asked about"))
}

fn ask(context: &Context, change: &Change) -> Result<Answer> {
    const CHOICES: [&str; 5] = [
        "no, keep it",
        "yes",
        "show the difference",
        "yes, and all others",
        "stop, change nothing",
    ];
    let goes = change.is_removal();
    let question = match goes {
        true => format!("{} was edited. Remove it?", change.path),
        false => format!("{} is there with other content. Overwrite it?", change.path),
    };
    if goes {
        context.printer.message(change.diff());
    }
    loop {
        let answer = Select::new(&question, CHOICES.to_vec())
            .without_filtering()
            .raw_prompt();
        match answer {
            Ok(chosen) => match chosen.index {
                0 => return Ok(Answer::No),
                1 => return Ok(Answer::Yes),
                3 => return Ok(Answer::All),
                4 => return Ok(Answer::Quit),
                _ => context.printer.message(change.diff()),
            },
            Err(error) => return Err(unanswered(error)),
        }
    }
}

/// A question that was not answered: Escape, Ctrl-C, or a terminal that is gone.
pub(super) fn unanswered(error: InquireError) -> Error {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Error::new("stopped on your word, nothing was changed").exit(Exit::Status(130))
        }
        other => Error::new("cannot ask on this terminal, nothing was changed")
            .source(other)
            .help("give the answers as flags, with `--no-input`"),
    }
}

fn say(context: &Context, plan: &Plan, report: &Report) {
    let printer = &context.printer;
    for change in plan.changes() {
        let word = match (report.dry_run, change.action) {
            (true, Action::Create) => "create",
            (true, Action::Edit) => "edit",
            (true, Action::Force) => "force",
            (true, Action::Remove) => "remove",
            (true, Action::Skip) => "skip",
            (_, Action::Identical) => "identical",
            (_, Action::Conflict) => "conflict",
            (false, Action::Create) => "created",
            (false, Action::Edit) => "edited",
            (false, Action::Force) => "forced",
            (false, Action::Remove) => "removed",
            (false, Action::Skip) => "skipped",
        };
        printer.status(word, &change.path);
        if report.dry_run {
            let diff = change.diff();
            if !diff.is_empty() {
                printer.data(diff);
            }
        }
    }
    for snippet in plan.snippets() {
        printer.warn(format!(
            "`{}` has a shape that is not known: {}\n\n{}\n",
            snippet.path,
            snippet.place,
            indented(&snippet.text)
        ));
    }
    if report.dry_run {
        printer.message(printer.paint(Style::Dim, "a dry run: nothing was changed"));
    } else if plan.is_idle() && plan.snippets().is_empty() {
        printer.message(printer.paint(Style::Dim, "nothing to do"));
    } else if !report.next.is_empty() {
        printer.message("\nNext:");
        for command in &report.next {
            printer.message(format!("  {command}"));
        }
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
