//! `check`: would the service start?

use atlas_config::{Description, Resolution};
use atlas_core::{App, ExitStatus, GraphErrors};
use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::Outcome;
use crate::service::cli;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("check")
        .about("Checks the graph and the configuration without starting anything")
        .arg(cli::json())
}

/// Checks both, so that one run shows everything.
pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.app();
    let graph = app.check().err();
    let words = Words::of(&app);
    // sections are constants, so their part of the graph is sound even when the rest is not
    let sections: Vec<Description> = app.resolve().await?;
    let config = invocation.config().resolve(sections);
    let printer = invocation.printer;

    if matches.get_flag("json") {
        printer.json(&words.to_json(graph.as_ref(), &config));
    } else {
        for warning in config.warnings() {
            printer.failure(&format!("warning: {warning}"));
        }
        if let Some(errors) = &graph {
            printer.failure(&errors.to_string());
        }
        if let Err(errors) = config.check_result() {
            printer.failure(&atlas_core::Diagnostic::from(errors).to_string());
        }
        if graph.is_none() && config.problems().is_empty() {
            printer.answer(&words.to_text(&config));
        }
    }
    Ok(ExitStatus::new(match (&graph, config.problems()) {
        (Some(_), _) => 1,
        (None, []) => 0,
        (None, _) => 78,
    }))
}

/// What is said about an app, taken before it is consumed.
struct Words {
    name: &'static str,
    processes: Vec<&'static str>,
    unused: Vec<atlas_core::Unused>,
}

impl Words {
    fn of(app: &App) -> Self {
        let mut unused = app.unused();
        // what the framework offers and a service leaves alone is nobody's mistake
        // nor are entities, which no process asks for: they are there for `migrate diff`
        unused.retain(|it| !is_ours(&it.place) && it.component != "EntityTable");
        Self {
            name: app.name(),
            processes: app.processes(),
            unused,
        }
    }

    fn to_text(&self, config: &Resolution) -> String {
        let mut text = format!(
            "`{}` is sound, and its configuration for profile `{}` is valid\n",
            self.name,
            config.profile()
        );
        if !self.processes.is_empty() {
            text.push_str(&format!("  processes: {}\n", self.processes.join(", ")));
        }
        for unused in &self.unused {
            text.push_str(&format!(
                "  unused: `{}`, made by {} at {}: no process needs it\n",
                unused.component, unused.function, unused.place
            ));
        }
        text
    }

    fn to_json(&self, graph: Option<&GraphErrors>, config: &Resolution) -> Value {
        let problems: Vec<_> = graph
            .into_iter()
            .flat_map(GraphErrors::problems)
            .map(|it| {
                json!({
                    "code": it.code(),
                    "message": it.message(),
                    "places": it.places(),
                    "path": it.path(),
                    "help": it.help(),
                })
            })
            .collect();
        let unused: Vec<_> = self
            .unused
            .iter()
            .map(|it| {
                json!({
                    "component": it.component,
                    "function": it.function,
                    "module": it.module,
                    "place": it.place,
                })
            })
            .collect();
        json!({
            "service": self.name,
            "profile": config.profile().name(),
            "processes": self.processes,
            "graph": problems,
            "config": config.problems(),
            "warnings": config.warnings(),
            "unused": unused,
        })
    }
}

/// Whether a place is in a crate of Atlas: next to this file in a checkout, or in a package of that name.
fn is_ours(place: &str) -> bool {
    let checkout = file!().strip_suffix("atlas/src/service/commands/check.rs");
    let crates = [
        "atlas",
        "config",
        "db",
        "http",
        "jobs",
        "redis",
        "telemetry",
    ];
    checkout.is_some_and(|root| {
        let inside = place.strip_prefix(root);
        inside.is_some_and(|rest| {
            crates
                .iter()
                .any(|name| rest.starts_with(&format!("{name}/src/")))
        })
    }) || place.contains("/atlas-kit")
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn parts_of_the_framework_are_told_from_those_of_a_service() {
        assert!(is_ours(file!()));
        assert!(is_ours(&file!().replace(
            "atlas/src/service/commands/check.rs",
            "config/src/module.rs:18:10"
        )));
        assert!(is_ours(
            "/root/.cargo/registry/src/index/atlas-kit-config-0.1.0/src/module.rs:1:1"
        ));
        assert!(!is_ours("src/catalog/mod.rs:14:10"));
        assert!(!is_ours("crates/atlas/examples/fixture.rs:14:10"));
    }
}
