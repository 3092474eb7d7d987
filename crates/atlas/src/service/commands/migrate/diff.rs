//! `migrate diff`: the migration that the entities ask for.

use atlas_core::ExitStatus;
use atlas_db::{ModelDiff, Models};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("diff")
        .about("Drafts the migration that makes what the entities say; `atlas migrate diff NAME` adds it to the service")
        .long_about(
            "Applies the migrations to an empty database of its own, compares it with what the entities say, and prints the \
             migration that makes the difference go, in Rust. `atlas migrate diff NAME` adds it to the service. The configured \
             database is not touched.",
        )
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required_unless_present("check")
                .value_parser(name)
                .help("What the migration does: `add_sku_to_products`"),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .conflicts_with("name")
                .help("Drafts nothing; says what differs and exits with 3 when something does"),
        )
        .arg(cli::json())
}

fn name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("it is made of letters, digits and `_`, a letter first".to_owned())
    }
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.valid_app().await?;
    let service = app.name();
    let models = app.resolve::<Option<Models>>().await?.ok_or_else(|| {
        Failure::new(format!("`{service}` has no database"))
            .help("add `.module(atlas::db::module())` to the app")
    })?;
    if models.entities().is_empty() {
        return Err(Failure::new(format!(
            "no module of `{service}` contributes an entity, so there is nothing to compare"
        ))
        .help(
            "contribute them where they are: `.contribute(|| atlas::db::entity(table::Entity))`",
        ));
    }
    let as_json = matches.get_flag("json");
    let printer = invocation.printer;
    if matches.get_flag("check") {
        if as_json {
            let diff = models.diff().await?;
            printer.json(&json!({ "differences": diff.differences() }));
            return Ok(ExitStatus::new(if diff.is_empty() { 0 } else { 3 }));
        }
        models.check().await?;
        printer.answer("the entities and the migrations agree");
        return Ok(ExitStatus::SUCCESS);
    }
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let diff = models.diff().await?;
    let draft = diff.draft(name);
    if as_json {
        let draft =
            json!({ "name": draft.name, "type_name": draft.type_name, "source": draft.source });
        let draft = if diff.is_empty() { json!(null) } else { draft };
        printer.json(&json!({ "differences": diff.differences(), "draft": draft }));
    } else if diff.is_empty() {
        printer.message("nothing to draft: the entities and the migrations agree");
    } else {
        printer.message(&told(&diff));
        printer.answer(&draft.source);
    }
    Ok(ExitStatus::SUCCESS)
}

/// What differs, a line each.
fn told(diff: &ModelDiff) -> String {
    let mut text = String::new();
    for it in diff.differences() {
        let mark = if it.destructive { " (loses data)" } else { "" };
        text.push_str(&format!("- {}{mark}\n", it.what));
        if let Some(hint) = it.hint {
            text.push_str(&format!("  = help: {hint}\n"));
        }
    }
    text
}
