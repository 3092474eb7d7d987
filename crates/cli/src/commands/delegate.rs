//! Every other command: handed to the binary of the service it is called in.

use std::ffi::{OsStr, OsString};

use crate::{Context, Error, Exit, Result, ops::service};

/// Commands every service binary has, for help and suggestions; the binary itself decides what it knows.
pub(crate) const KNOWN: &[(&str, &str)] = &[
    ("serve", "Serves without watching files"),
    (
        "migrate",
        "Applies, takes back or lists database migrations",
    ),
    ("seed", "Fills the database with the profile's data"),
    ("worker", "Runs background jobs, and nothing else"),
    (
        "jobs",
        "Shows and changes background jobs, queues and dead letters",
    ),
    (
        "schedule",
        "Lists, adds, pauses and runs the schedules of jobs",
    ),
    ("db", "Makes, empties, removes, opens or dumps the database"),
    ("routes", "Lists the HTTP routes"),
    ("config", "Shows, explains or checks the configuration"),
    ("graph", "Draws the components and what they need"),
    (
        "check",
        "Checks components and configuration without starting",
    ),
    (
        "openapi",
        "Writes the OpenAPI document, or compares it with a file",
    ),
    (
        "healthcheck",
        "Asks the running service whether it is ready",
    ),
];

/// Turns what `migrate` means for the files of a service into the command that changes them; the service's binary does
/// not know its own sources.
pub(crate) fn ours(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = arguments.get(at).and_then(|word| word.to_str()) {
        match word {
            "-C" | "--directory" => at += 2,
            flag if flag.starts_with('-') => at += 1,
            _ => break,
        }
    }
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    let ours = match (word(at), word(at + 1)) {
        (Some("migrate"), Some("create")) => "migration",
        (Some("migrate"), Some("fix")) if !arguments[at + 2..].iter().any(is_for_the_service) => {
            "order"
        }
        (Some("migrate"), Some("diff")) if !arguments[at + 2..].iter().any(is_for_the_service) => {
            "draft"
        }
        _ => return arguments,
    };
    arguments.splice(at..at + 2, ["generate".into(), ours.into()]);
    arguments
}

/// Says whether an argument of `migrate fix` or `migrate diff` speaks of the database alone.
fn is_for_the_service(argument: &OsString) -> bool {
    ["--dirty", "--checksums", "--check", "--help", "-h"]
        .iter()
        .any(|flag| argument == flag)
}

/// Becomes `cargo run -q -- NAME ARGUMENTS…` in the service the context is in.
pub(crate) fn run(context: &Context, name: &str, arguments: &[&OsStr]) -> Result<Exit> {
    let project =
        service::Project::find(&context.directory)?.ok_or_else(|| unknown(name, context))?;
    if let Some(meant) = similar(name, &own()).filter(|_| !is_known(name)) {
        // Building the service only to hear that it does not know the word either helps nobody.
        return Err(Error::usage(format!("there is no command `{name}`"))
            .help(format!("did you mean `atlas {meant}`?"))
            .help(format!(
                "if it is one of the service's own: `cargo run -- {name}`"
            )));
    }
    let mut all = vec![OsStr::new(name)];
    all.extend(arguments);
    if context.printer.is_json() {
        all.push(OsStr::new("--json"));
    }
    Err(service::become_it(&project, &all))
}

fn unknown(name: &str, context: &Context) -> Error {
    let place = context.directory.display();
    if is_known(name) {
        return Error::usage(format!("`atlas {name}` works inside a service, and `{place}` is not in one"))
            .help("go to the folder of a service (its `Cargo.toml` depends on `atlas-kit`), or name it: `atlas -C FOLDER …`")
            .help("create a service: `atlas new shop`");
    }
    let error = Error::usage(format!(
        "there is no command `{name}`, and `{place}` is not in a service that could have it"
    ));
    let all: Vec<String> = own()
        .into_iter()
        .chain(KNOWN.iter().map(|(known, _)| (*known).to_owned()))
        .collect();
    match similar(name, &all) {
        Some(meant) => error.help(format!("did you mean `atlas {meant}`?")),
        None => error.help("list the commands: `atlas --help`"),
    }
}

fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == name)
}

/// The names of `atlas`'s own commands.
fn own() -> Vec<String> {
    super::ALL
        .iter()
        .map(|entry| (entry.command)().get_name().to_owned())
        .collect()
}

/// The candidate that is spelled most like `name`, if one is near enough to be meant.
fn similar<'a>(name: &str, candidates: &'a [String]) -> Option<&'a String> {
    candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min()
        .map(|(_, candidate)| candidate)
}
