//! `atlas destroy`.

use clap::{ArgMatches, Command};

use super::{
    changes, examples,
    generate::{given_feature, given_name, name},
};
use crate::{
    Context, Exit, Result,
    ops::{
        change::Plan,
        fields::Fields,
        generate::{self, NewJob, NewMigration},
        names::Words,
        service::Project,
    },
};

/// The arguments of `atlas destroy`.
pub(crate) fn command() -> Command {
    Command::new("destroy")
        .about("Takes back what `atlas generate` wrote")
        .before_help(examples(&[
            ("atlas destroy migration add_phone_to_orders --dry-run", "shows what would go"),
        ]))
        .after_help(
            "A file that was edited since is shown and asked about. A migration that was applied is still in the\n\
             database: take it back first, with `atlas migrate down`.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("module")
                .about("Takes a module back, with its migration")
                .arg(name("As it was generated: `orders`"))
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("migration")
                .about("Takes a migration back")
                .arg(name("As it was generated: `add_phone_to_orders`"))
                .args(changes::flags()),
        )
        .subcommand(
            Command::new("job")
                .about("Takes a job back; the last one takes with it what jobs need")
                .arg(
                    clap::Arg::new("feature")
                        .value_name("FEATURE")
                        .required(true)
                        .help("The feature that it belongs to"),
                )
                .arg(name("As it was generated: `send_receipt`"))
                .args(changes::flags()),
        )
}

/// Runs `atlas destroy`.
pub(crate) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let project = Project::require(&context.directory)?;
    match matches.subcommand() {
        Some(("module", matches)) => {
            let name = Words::of(given_name(matches));
            let plan = generate::destroy_module(&project, &name)?;
            destroyed(context, matches, "destroy module", plan)
        }
        Some(("migration", matches)) => {
            let name = NewMigration::name(given_name(matches))?;
            let plan = generate::destroy_migration(&project, &name)?;
            destroyed(context, matches, "destroy migration", plan)
        }
        Some(("job", matches)) => {
            let job = NewJob::parse(
                given_feature(matches),
                given_name(matches),
                Fields::default(),
            )?;
            let force = matches.get_flag("force");
            let plan = generate::destroy_job(&project, &job.feature, &job.name, force)?;
            changes::carry_out(context, matches, "destroy job", plan, Vec::new())
        }
        // clap lets nothing else pass
        _ => Ok(Exit::Usage),
    }
}

fn destroyed(context: &Context, matches: &ArgMatches, command: &str, plan: Plan) -> Result<Exit> {
    let migration = plan.changes().iter().find_map(|change| {
        let file = change.path.strip_prefix("src/migrations/")?;
        let name = file.strip_suffix(".rs").or(file.strip_suffix(".up.sql"))?;
        (name != "mod").then(|| name.to_owned())
    });
    let exit = changes::carry_out(context, matches, command, plan, Vec::new())?;
    let is_silent = context.printer.is_json() || matches.get_flag("dry-run");
    if let (Some(migration), false) = (migration, is_silent) {
        context.printer.message(format!(
            "\nA database that has applied `{migration}` is now ahead of the service, which refuses it (A204).\n\
             Either bring the migration back and take it back there with `atlas migrate down`, or begin with a new database."
        ));
    }
    Ok(exit)
}
