//! `migrate …` on a service with a history.

use serde_json::Value;

use crate::golden;
use crate::support::{Ran, Service};

const PRODUCTION: [&str; 4] = [
    "--profile",
    "production",
    "--set",
    "database.url=sqlite://data/development.sqlite",
];

fn teas(parts: &str) -> Service {
    Service::new("teas").env("TEAS", parts)
}

fn migrate(service: &Service, words: &str) -> Ran {
    let words: Vec<&str> = words.split_whitespace().collect();
    service.run(&[&["migrate"], words.as_slice()].concat())
}

/// What was said, without the moments in it.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.find("  20") {
            Some(at) => out.push_str(&format!("{}  <time>\n", &line[..at])),
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

#[test]
fn every_goal_is_a_command() {
    let service = teas("create,price,pots");
    let out = |words: &str| migrate(&service, words).ends_with(0).out;
    assert_eq!(out("up --to m1_create_teas"), "applied m1_create_teas\n");
    assert_eq!(out("up"), "applied m2_add_price\napplied m5_create_pots\n");
    assert_eq!(
        out("rollback"),
        "reverted m5_create_pots\nreverted m2_add_price\n"
    );
    assert_eq!(out("to add_price"), "applied m2_add_price\n");
    assert_eq!(
        out("to add_price"),
        "nothing to do: it is the last one applied\n"
    );
    assert_eq!(out("to create_teas"), "reverted m2_add_price\n");
    assert_eq!(
        out("up --yes"),
        "applied m2_add_price\napplied m5_create_pots\n"
    );
    assert_eq!(
        out("redo 2"),
        "reverted m5_create_pots\nreverted m2_add_price\napplied m2_add_price\napplied m5_create_pots\n"
    );
    assert_eq!(
        out("down --to create_teas"),
        "reverted m5_create_pots\nreverted m2_add_price\n"
    );
    let status = migrate(&service, "status").ends_with(0);
    golden::assert("migrate-groups.txt", &without_times(&status.text()));
    let down: Value = migrate(&service, "down --json").ends_with(0).json();
    assert_eq!(down["reverted"][0], "m1_create_teas");
    assert_eq!(down["applied"].as_array().map(Vec::len), Some(0));
    assert_eq!(down["runs"][0]["direction"], "down");
    let unknown = migrate(&service, "to nowhere").ends_with(65);
    assert!(unknown.err.contains("error[A208]"), "{unknown:#?}");
}

#[test]
fn a_plan_and_a_script_run_nothing() {
    let service = teas("create,price,drop");
    golden::assert(
        "migrate-plan.txt",
        &migrate(&service, "plan").ends_with(0).text(),
    );
    golden::assert(
        "migrate-sql.txt",
        &migrate(&service, "sql --from add_price")
            .ends_with(0)
            .text(),
    );
    golden::assert(
        "migrate-sql-down.txt",
        &migrate(&service, "sql m2_add_price --down")
            .ends_with(0)
            .text(),
    );
    assert!(
        !service
            .dir()
            .join("data")
            .join("development.sqlite-migrate")
            .exists()
    );
    let states = migrate(&service, "status --json").ends_with(0).json();
    let states = states["migrations"].as_array().unwrap();
    assert!(
        states.iter().all(|it| it["state"] == "pending"),
        "{states:?}"
    );

    migrate(&service, "up").ends_with(0);
    golden::assert(
        "migrate-plan-down.txt",
        &migrate(&service, "plan --down 3").ends_with(0).text(),
    );
    let plan = migrate(&service, "plan --rollback --json")
        .ends_with(0)
        .json();
    assert_eq!(plan["plan"][0]["irreversible"], "the prices are gone");
    assert_eq!(plan["plan"][2]["warnings"][0]["lint"], "drop-table");
    assert_eq!(
        migrate(&service, "plan").ends_with(0).out,
        "nothing to do\n"
    );
}

#[test]
fn what_was_changed_is_refused_until_it_is_accepted() {
    let service = teas("create");
    migrate(&service, "up").ends_with(0);
    let service = service.env("TEAS", "edited,price");
    for words in ["up", "up --json"] {
        let refused = migrate(&service, words).ends_with(65);
        assert!(refused.err.contains("A211"), "{refused:#?}");
    }
    golden::assert(
        "migrate-check-changed.txt",
        &migrate(&service, "check").ends_with(3).text(),
    );
    let check = migrate(&service, "check --json").ends_with(3).json();
    assert_eq!(
        (&check["ok"], &check["code"]),
        (&Value::Bool(false), &Value::from("A211"))
    );
    let start = service.run(&["serve"]).ends_with(65);
    assert!(
        format!("{}{}", start.out, start.err).contains("A211"),
        "a service does not start on it: {start:#?}"
    );

    let fixed = migrate(&service, "fix --checksums").ends_with(0);
    assert_eq!(fixed.out, "accepted m1_create_teas\n");
    migrate(&service, "up").ends_with(0);
    let check = migrate(&service, "check").ends_with(0);
    assert_eq!(check.out, "the schema is what the code expects\n");
    migrate(&service, "status --check").ends_with(0);
}

#[test]
fn what_was_left_half_done_is_settled_by_hand() {
    let service = teas("create,half,pots");
    let failed = migrate(&service, "up").ends_with(65);
    golden::assert("migrate-half.txt", &failed.text());
    let dirty = migrate(&service, "up").ends_with(65);
    golden::assert("migrate-dirty.txt", &dirty.text());
    migrate(&service, "status --check").ends_with(3);
    migrate(&service, "fix --dirty half perhaps").ends_with(2);
    let fixed = migrate(&service, "fix --dirty half applied").ends_with(0);
    assert_eq!(fixed.out, "applied m3_half\n");
    assert_eq!(
        migrate(&service, "up").ends_with(0).out,
        "applied m5_create_pots\n"
    );
}

#[test]
fn production_is_asked_before_something_is_lost() {
    let service = teas("create,price");
    migrate(&service, "up").ends_with(0);
    let service = service.env("TEAS", "create,price,drop");
    let up = [&PRODUCTION[..], &["migrate", "up"]].concat();
    let refused = service.run(&up).ends_with(65);
    golden::assert("migrate-destructive.txt", &refused.text());
    let at_start = [
        &PRODUCTION[..],
        &["--set", "database.migrate=apply", "serve"],
    ]
    .concat();
    let start = service.run(&at_start).ends_with(65);
    assert!(
        format!("{}{}", start.out, start.err).contains("A214"),
        "{start:#?}"
    );
    let agreed = service.run(&[&up[..], &["--yes"]].concat()).ends_with(0);
    assert_eq!(agreed.out, "applied m4_drop_price\n");
}

#[test]
fn what_is_out_of_order_is_applied_when_asked_to() {
    let service = teas("create,pots");
    migrate(&service, "up").ends_with(0);
    let service = service.env("TEAS", "create,price,pots");
    let refused = migrate(&service, "up").ends_with(65);
    assert!(refused.err.contains("A211"), "{refused:#?}");
    let told = migrate(&service, "fix").ends_with(1);
    assert!(
        told.err.contains("out of order: `m2_add_price`"),
        "{told:#?}"
    );
    let order = migrate(&service, "fix --json").ends_with(0).json();
    assert_eq!(order["out_of_order"][0], "m2_add_price");
    let applied = migrate(&service, "up --allow-out-of-order").ends_with(0);
    assert_eq!(applied.out, "applied m2_add_price\n");
    assert!(
        migrate(&service, "fix")
            .ends_with(0)
            .out
            .starts_with("nothing to fix")
    );
}
