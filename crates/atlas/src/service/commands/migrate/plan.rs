//! `migrate plan`: what would run.

use atlas_core::ExitStatus;
use atlas_db::migration::{Direction, Goal, MigrationPlan, PlannedMigration, PlannedStep};
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::{Outcome, Parts, flag, migration, text};
use crate::service::cli;

pub(super) fn command() -> Command {
    Command::new("plan")
        .about(
            "Shows the SQL that `up`, or another command, would run, and what to be careful about",
        )
        .arg(migration(
            "to",
            "As `migrate to NAME`: until this one is the last one applied",
        ))
        .arg(
            Arg::new("down")
                .long("down")
                .value_name("STEPS")
                .value_parser(value_parser!(u16).range(1..))
                .num_args(0..=1)
                .default_missing_value("1")
                .conflicts_with("to")
                .help("As `migrate down STEPS`"),
        )
        .arg(flag("rollback", "As `migrate rollback`").conflicts_with_all(["to", "down"]))
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let down = matches.get_one::<u16>("down").copied();
    let goal = match (text(matches, "to"), down, matches.get_flag("rollback")) {
        (Some(name), ..) => Goal::At(name.to_owned()),
        (None, Some(steps), _) => Goal::Back(usize::from(steps)),
        (None, None, true) => Goal::Rollback,
        (None, None, false) => Goal::Latest,
    };
    let plan = parts.migrations.plan(&goal).await?;
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        printer.json(&json!({ "plan": plan.migrations, "new_database": plan.new_database }));
    } else if plan.is_empty() {
        printer.answer("nothing to do");
    } else {
        printer.answer(&shown(&plan));
    }
    Ok(ExitStatus::SUCCESS)
}

fn shown(plan: &MigrationPlan) -> String {
    let mut text = String::new();
    for migration in &plan.migrations {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("-- {}: {}\n", migration.name, how(migration)));
        for step in &migration.steps {
            match step {
                PlannedStep::Sql(sql) => text.push_str(&format!("{sql};\n")),
                PlannedStep::Code => text.push_str("-- runs code\n"),
            }
        }
        if let Some(reason) = &migration.irreversible {
            text.push_str(&format!("-- cannot be taken back: {reason}\n"));
        }
        for warning in &migration.warnings {
            let kind = if warning.destructive {
                "destroys"
            } else {
                "careful"
            };
            text.push_str(&format!(
                "-- {kind} [{}]: {}\n--   {}\n",
                warning.lint, warning.message, warning.help
            ));
        }
    }
    if plan.new_database && plan.migrations.iter().any(|it| !it.warnings.is_empty()) {
        text.push_str("\n-- nothing was applied to this database yet, so it has nothing to lose\n");
    }
    text
}

fn how(migration: &PlannedMigration) -> String {
    let direction = match migration.direction {
        Direction::Up => "applied",
        Direction::Down => "taken back",
    };
    let transaction = match migration.transaction {
        true => "in a transaction",
        false => "without a transaction",
    };
    let rest = match migration.without_foreign_keys {
        true => ", without foreign keys",
        false => "",
    };
    format!("{direction} {transaction}{rest}")
}
