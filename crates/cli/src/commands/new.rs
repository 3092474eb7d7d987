//! `atlas new`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use inquire::{Confirm, Text, validator::Validation};

use super::{changes, examples};
use crate::{
    Context, Error, Exit, Result,
    ops::{
        names::ServiceName,
        new::{self, AtlasSource, Database, NewService, Part},
    },
};

pub(super) fn command() -> Command {
    let source = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .help(help)
            .help_heading("Where Atlas comes from")
    };
    Command::new("new")
        .about("Creates a service that runs at once")
        .before_help(examples(&[
            ("atlas new shop", "asks what it has to know"),
            ("atlas new tea-house --no-input", "asks nothing, takes the defaults"),
            ("atlas new ledger --db postgres", "on PostgreSQL from the start"),
            ("atlas new market --with jobs", "with background jobs, and orders that use them"),
            ("atlas new books --dry-run", "shows every file and writes none"),
        ]))
        .after_help(
            "The service lives in a new folder NAME: small letters, digits and `-`. It has one feature, `catalog`,\n\
             with tests, migrations and seeds, on SQLite; nothing else has to be installed or started. The driver of\n\
             PostgreSQL is compiled beside it, so that moving there is one line: `database.url`.",
        )
        .arg(Arg::new("name").value_name("NAME").help("What the service is called: `shop`, `tea-house`"))
        .arg(
            Arg::new("db")
                .long("db")
                .value_name("ENGINE")
                .value_parser(Database::NAMES)
                .help("The only database whose driver is compiled; `mysql` is MariaDB too"),
        )
        .arg(
            Arg::new("with")
                .long("with")
                .value_name("PART")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .value_parser(Part::NAMES)
                .help("What it has besides: `jobs`, background jobs and a feature `orders` that uses them"),
        )
        .arg(
            Arg::new("no-git")
                .long("no-git")
                .action(ArgAction::SetTrue)
                .help("Do not make the folder a Git repository"),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Show the files as a unified diff and write none"),
        )
        .arg(
            source("atlas-path", "DIR", "A checkout of Atlas (the default where this program was built from one)")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with_all(["atlas-git", "atlas-version"]),
        )
        .arg(source("atlas-git", "URL", "A Git repository").conflicts_with("atlas-version"))
        .arg(source("atlas-version", "VERSION", "The registry, at this version"))
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let name = match matches.get_one::<String>("name") {
        Some(name) => ServiceName::parse(name)?,
        None if context.interactive => ask_name()?,
        None => {
            return Err(Error::usage("the service has no name")
                .place("NAME")
                .help("give it one: `atlas new shop`"));
        }
    };
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let atlas = match (
        matches.get_one::<PathBuf>("atlas-path"),
        text("atlas-git"),
        text("atlas-version"),
    ) {
        (Some(path), ..) => AtlasSource::checkout(&context.directory.join(path))?,
        (_, Some(url), _) => AtlasSource::Git(url),
        (.., Some(version)) => AtlasSource::Version(version),
        _ => AtlasSource::default_source(),
    };
    let database = text("db").as_deref().and_then(Database::named);
    let service = NewService {
        folder: context.directory.join(name.as_str()),
        name,
        atlas,
        database: database.unwrap_or_default(),
        parts: matches
            .get_many::<String>("with")
            .into_iter()
            .flatten()
            .filter_map(|name| Part::named(name))
            .collect(),
    };
    let plan = new::plan(&service)?;
    let dry_run = matches.get_flag("dry-run");
    let with_git = !matches.get_flag("no-git") && (dry_run || !context.interactive || ask_git()?);

    let mut next = vec![format!("cd {}", service.name)];
    if service.database.is_server() {
        next.push("atlas db create".to_owned());
    }
    next.extend(["atlas dev", "atlas test"].map(str::to_owned));
    let exit = changes::carry_out(context, matches, "new", plan, next)?;
    if !dry_run {
        // without cargo or Git the service is complete all the same
        let _ = new::settle(&service.folder);
        let _ = with_git && new::initialise(&service.folder);
    }
    Ok(exit)
}

fn ask_name() -> Result<ServiceName> {
    let valid = |name: &str| {
        Ok(match ServiceName::parse(name) {
            Ok(_) => Validation::Valid,
            Err(error) => Validation::Invalid(error.to_string().into()),
        })
    };
    let name = Text::new("What is the service called?")
        .with_placeholder("shop")
        .with_validator(valid)
        .prompt()
        .map_err(changes::unanswered)?;
    ServiceName::parse(&name)
}

fn ask_git() -> Result<bool> {
    Confirm::new("Make it a Git repository?")
        .with_default(true)
        .prompt()
        .map_err(changes::unanswered)
}
