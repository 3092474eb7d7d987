//! `atlas explain`: the page of an error code, offline.

use clap::{Arg, ArgMatches, Command};

use super::examples;
use crate::{Context, Error, Exit, Result, ops::explain};

/// The arguments of `atlas explain`.
pub(crate) fn command() -> Command {
    Command::new("explain")
        .about("Shows what an error code means and how to fix it")
        .before_help(examples(&[
            ("atlas explain A201", "why a port is refused"),
            ("atlas explain", "all codes with their titles"),
        ]))
        .arg(
            Arg::new("code")
                .value_name("CODE")
                .help("A code such as `A201`; all codes when left out"),
        )
}

/// Prints a page, or the list of pages.
pub(crate) fn run(context: &Context, arguments: &ArgMatches) -> Result<Exit> {
    let printer = &context.printer;
    let Some(code) = arguments.get_one::<String>("code") else {
        if printer.is_json() {
            let pages: Vec<_> = explain::PAGES
                .iter()
                .map(|page| serde_json::json!({ "code": page.code, "title": page.title() }))
                .collect();
            printer.json(&serde_json::json!({ "version": 1, "codes": pages }));
        } else {
            for page in explain::PAGES {
                printer.data(format!("{}  {}", page.code, page.title()));
            }
        }
        return Ok(Exit::Success);
    };
    show(context, code)
}

/// Prints the page of `code`.
pub(super) fn show(context: &Context, code: &str) -> Result<Exit> {
    let printer = &context.printer;
    let page = explain::page(code).ok_or_else(|| {
        Error::usage(format!("there is no error code `{code}`"))
            .help("list all codes: `atlas explain`")
    })?;
    if printer.is_json() {
        printer.json(&serde_json::json!({ "version": 1, "code": page.code, "title": page.title(), "text": page.text }));
    } else {
        printer.data(page.text);
    }
    Ok(Exit::Success)
}
