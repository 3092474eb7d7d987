//! What the help says.

use crate::golden;
use crate::support::Service;

#[test]
fn the_help_lists_what_the_service_can_do() {
    let text = Service::new("notes").run(&["--help"]).ends_with(0).text();
    golden::assert("help.txt", &text);
}

#[test]
fn every_command_has_a_help_of_its_own() {
    let service = Service::new("notes");
    let commands = [
        &["serve"][..],
        &["migrate"],
        &["migrate", "up"],
        &["migrate", "down"],
        &["migrate", "redo"],
        &["migrate", "to"],
        &["migrate", "rollback"],
        &["migrate", "status"],
        &["migrate", "check"],
        &["migrate", "plan"],
        &["migrate", "sql"],
        &["migrate", "fix"],
        &["migrate", "diff"],
        &["db"],
        &["db", "create"],
        &["db", "drop"],
        &["db", "reset"],
        &["db", "prepare"],
        &["db", "console"],
        &["db", "dump"],
        &["worker"],
        &["jobs"],
        &["jobs", "list"],
        &["jobs", "show"],
        &["jobs", "enqueue"],
        &["jobs", "retry"],
        &["jobs", "cancel"],
        &["jobs", "stats"],
        &["jobs", "top"],
        &["jobs", "pause"],
        &["jobs", "resume"],
        &["jobs", "prune"],
        &["jobs", "audit"],
        &["jobs", "dead"],
        &["jobs", "dead", "list"],
        &["jobs", "dead", "show"],
        &["jobs", "dead", "edit"],
        &["jobs", "dead", "redrive"],
        &["jobs", "dead", "drop"],
        &["schedule"],
        &["schedule", "list"],
        &["schedule", "next"],
        &["schedule", "add"],
        &["schedule", "pause"],
        &["schedule", "resume"],
        &["schedule", "run"],
        &["schedule", "remove"],
        &["seed"],
        &["routes"],
        &["config"],
        &["config", "show"],
        &["config", "explain"],
        &["config", "check"],
        &["config", "reference"],
        &["graph"],
        &["check"],
        &["openapi"],
        &["healthcheck"],
    ];
    let mut all = String::new();
    for command in commands {
        let ran = service.run(&[command, &["--help"]].concat()).ends_with(0);
        all.push_str(&ran.text());
        all.push('\n');
    }
    golden::assert("help-of-commands.txt", &all);
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_meant() {
    let service = Service::new("notes");
    let calls = [
        &["sevre"][..],
        &["--profile", "staging"],
        &["--set", "http.port"],
        &["serve", "htpp"],
        &["migrate", "down", "0"],
        &["config", "explain", "log.levle"],
    ];
    let mut all = String::new();
    for call in calls {
        all.push_str(&service.run(call).ends_with(2).text());
        all.push('\n');
    }
    golden::assert("wrong-usage.txt", &all);
}
