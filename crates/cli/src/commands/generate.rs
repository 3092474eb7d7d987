//! `atlas generate`.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{changes, examples};
use crate::{
    Context, Error, Exit, Result,
    ops::{
        fields::{Fields, Key},
        generate::{self, Day, NewJob, NewMigration, NewModule},
        names::ModuleName,
        service::Project,
    },
};

const FIELDS: &str = "\
A field is NAME:TYPE, with a `?` behind the type if it may be absent, then `:unique` or `:index`:
  name:string:unique  total:decimal  note:text?  placed_at:datetime:index

Types:
  string    a line of at most 255 letters      bool      yes or no
  text      text of any length                 date      a day
  int       a whole number of 32 bits          datetime  a moment, in UTC
  bigint    a whole number of 64 bits          uuid      a UUID
  decimal   an exact number, four places       json      any JSON
  money     units and nanos in a currency";

/// The arguments of `atlas generate`.
pub(crate) fn command() -> Command {
    Command::new("generate")
        .visible_alias("g")
        .about("Adds a module, a migration or a job to a service")
        .before_help(examples(&[
            (
                "atlas generate module orders total:decimal",
                "a feature from database to HTTP, with tests",
            ),
            (
                "atlas generate migration add_phone_to_orders phone:string?",
                "a step of the schema",
            ),
            (
                "atlas generate job catalog check_stock product:string:unique",
                "work for later, with its handler",
            ),
        ]))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("module")
                .about("Adds a feature: table, queries, use cases, routes, OpenAPI, tests")
                .before_help(examples(&[
                    ("atlas generate module orders total:decimal", "a feature from database to HTTP, with tests"),
                    ("atlas generate module customers email:string:unique note:text?", "a value that no two share, one that may be absent"),
                    ("atlas generate module invoices amount:money --key int", "with keys that the database counts"),
                ]))
                .after_help(FIELDS)
                .arg(name("What the feature is called, a plural: `orders`, `order_items`"))
                .arg(fields())
                .arg(
                    Arg::new("key")
                        .long("key")
                        .value_name("TYPE")
                        .value_parser(["uuid", "int", "string"])
                        .hide_possible_values(true)
                        .default_value("uuid")
                        .help("What identifies one: `uuid`, `int` (the database counts), `string` (ten letters)"),
                )
                .arg(Arg::new("entity").long("entity").value_name("NAME").help("What one is called, if the singular of NAME is wrong"))
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("migration")
                .about("Adds a step of the schema")
                .before_help(examples(&[
                    (
                        "atlas generate migration add_phone_to_orders phone:string?",
                        "columns of a table",
                    ),
                    (
                        "atlas generate migration create_teas name:string",
                        "a table",
                    ),
                    (
                        "atlas generate migration split_names",
                        "an empty step to write",
                    ),
                    (
                        "atlas generate migration merge_names --sql",
                        "an empty one, in SQL",
                    ),
                ]))
                .after_help(FIELDS)
                .arg(name(
                    "What it does: `add_phone_to_orders`, `create_teas`, `split_names`",
                ))
                .arg(fields())
                .arg(
                    Arg::new("sql")
                        .long("sql")
                        .action(ArgAction::SetTrue)
                        .help("Two files of SQL, NAME.up.sql and NAME.down.sql, instead of Rust"),
                )
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("job")
                .about("Adds a background job to a feature: what it says, how it is retried, its handler")
                .before_help(examples(&[
                    (
                        "atlas generate job catalog reorder_stock product:string",
                        "a job that names a product",
                    ),
                    (
                        "atlas generate job catalog reorder product:string:unique",
                        "at most one unfinished job for each product",
                    ),
                ]))
                .after_help(FIELDS)
                .arg(
                    Arg::new("feature")
                        .value_name("FEATURE")
                        .required(true)
                        .help("The feature that it belongs to: `orders`"),
                )
                .arg(name("What is done: `send_receipt`; its kind in the store is the same"))
                .arg(fields())
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("order")
                .about("Numbers pending migrations after those that were applied already")
                .hide(true)
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("draft")
                .about("Adds the migration that the entities ask for")
                .hide(true)
                .arg(name("What it does: `add_sku_to_products`"))
                .args(["profile", "config-dir", "set"].map(|option| {
                    Arg::new(option)
                        .long(option)
                        .value_name("VALUE")
                        .action(ArgAction::Append)
                        .help("As for the service")
                }))
                .args(changes::flags()),
        )
}

/// Runs `atlas generate`.
pub(crate) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let project = Project::require(&context.directory)?;
    match matches.subcommand() {
        Some(("module", matches)) => module(context, matches, &project),
        Some(("migration", matches)) => migration(context, matches, &project),
        Some(("job", matches)) => job(context, matches, &project),
        Some(("order", matches)) => order(context, matches, &project),
        Some(("draft", matches)) => draft(context, matches, &project),
        // clap lets nothing else pass
        _ => Ok(Exit::Usage),
    }
}

fn module(context: &Context, matches: &ArgMatches, project: &Project) -> Result<Exit> {
    let entity = matches.get_one::<String>("entity").map(String::as_str);
    let new = NewModule {
        name: ModuleName::parse(given_name(matches), entity)?,
        fields: given_fields(matches)?,
        key: Key::parse(
            matches
                .get_one::<String>("key")
                .map_or("uuid", String::as_str),
        )?,
        day: Day::today()?,
    };
    if new.fields.is_empty() {
        return Err(Error::usage("a module has at least one field")
            .place("FIELD")
            .help(format!(
                "say what it keeps: `atlas generate module {} name:string`",
                given_name(matches)
            )));
    }
    let plan = generate::plan_module(project, &new)?;
    let next = vec![
        "atlas test".to_owned(),
        "atlas dev".to_owned(),
        "atlas routes".to_owned(),
    ];
    changes::carry_out(context, matches, "generate module", plan, next)
}

fn migration(context: &Context, matches: &ArgMatches, project: &Project) -> Result<Exit> {
    let new = NewMigration {
        name: NewMigration::name(given_name(matches))?,
        fields: given_fields(matches)?,
        day: Day::today()?,
        sql: matches.get_flag("sql"),
    };
    let plan = generate::plan_migration(project, &new)?;
    let next = vec!["atlas migrate up".to_owned()];
    changes::carry_out(context, matches, "generate migration", plan, next)
}

fn job(context: &Context, matches: &ArgMatches, project: &Project) -> Result<Exit> {
    let fields = given_fields(matches)?;
    let new = NewJob::parse(given_feature(matches), given_name(matches), fields)?;
    let plan = generate::plan_job(project, &new)?;
    let (feature, job) = (new.feature.snake(), new.name.camel());
    let next = vec![
        format!("write what it does, in `src/{feature}/jobs.rs`"),
        format!("enqueue it, where a component has `Jobs`: `jobs.enqueue({job} {{ … }}).await?`"),
        "atlas jobs list".to_owned(),
    ];
    changes::carry_out(context, matches, "generate job", plan, next)
}

/// `atlas migrate fix`, as far as it is about the service's files.
fn order(context: &Context, matches: &ArgMatches, project: &Project) -> Result<Exit> {
    let names = generate::out_of_order(project)?;
    if names.is_empty() {
        let nothing = "nothing to fix: no pending migration comes before an applied one";
        context.printer.message(nothing);
        return Ok(Exit::Success);
    }
    let plan = generate::plan_order(project, &names, Day::today()?)?;
    let next = vec!["atlas migrate up".to_owned()];
    changes::carry_out(context, matches, "migrate fix", plan, next)
}

/// `atlas migrate diff NAME`: what the service drafts, written to its files.
fn draft(context: &Context, matches: &ArgMatches, project: &Project) -> Result<Exit> {
    let name = NewMigration::name(given_name(matches))?;
    let mut arguments = Vec::new();
    for option in ["profile", "config-dir", "set"] {
        for value in matches.get_many::<String>(option).into_iter().flatten() {
            arguments.extend([format!("--{option}"), value.clone()]);
        }
    }
    let drafted = generate::ask_for_draft(project, &name, &arguments)?;
    for it in &drafted.differences {
        let mark = if it.destructive { " (loses data)" } else { "" };
        context.printer.message(format!("- {}{mark}", it.what));
        if let Some(hint) = &it.hint {
            context.printer.message(format!("  = help: {hint}"));
        }
    }
    let Some(plan) = generate::plan_draft(project, &name, &drafted, Day::today()?)? else {
        let nothing = "nothing to draft: the entities and the migrations agree";
        context.printer.message(nothing);
        return Ok(Exit::Success);
    };
    let next = vec![
        "read the draft and correct it".to_owned(),
        "atlas migrate up".to_owned(),
        "atlas migrate diff --check".to_owned(),
    ];
    changes::carry_out(context, matches, "migrate diff", plan, next)
}

pub(super) fn name(help: &'static str) -> Arg {
    Arg::new("name")
        .value_name("NAME")
        .required(true)
        .help(help)
}

pub(super) fn given_name(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("name").map_or("", String::as_str)
}

pub(super) fn given_feature(matches: &ArgMatches) -> &str {
    matches
        .get_one::<String>("feature")
        .map_or("", String::as_str)
}

fn fields() -> Arg {
    Arg::new("fields")
        .value_name("FIELD")
        .num_args(0..)
        .help("Its fields, see below")
}

fn given_fields(matches: &ArgMatches) -> Result<Fields> {
    Fields::parse(matches.get_many::<String>("fields").into_iter().flatten())
}
