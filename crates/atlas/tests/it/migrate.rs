//! `migrate …` on a service with a history, whose migrations are SQL.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::databases::{House, on_every_engine};
use crate::golden;
use crate::support::{Ran, Service, program};

fn teas(parts: &str) -> Service {
    Service::new("teas").env("TEAS", parts)
}

fn migrate(service: &Service, words: &str) -> Ran {
    let words: Vec<&str> = words.split_whitespace().collect();
    service.run(&[&["migrate"], words.as_slice()].concat())
}

/// A build of the service on some engine, with the history that it knows.
struct Build<'a>(&'a House, &'static str);

impl Build<'_> {
    fn migrate(&self, words: &str) -> Ran {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.run(&[&["migrate"], words.as_slice()].concat())
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.0.service.command(args);
        Ran::new(args, command.env("TEAS", self.1).output().unwrap())
    }

    /// What comes before a command in production.
    fn production(&self, command: &[&'static str]) -> Vec<&'static str> {
        let mut words = vec!["--profile", "production"];
        if self.0.kind.is_none() {
            words.extend(["--set", "database.url=sqlite://data/development.sqlite"]);
        }
        words.extend(command);
        words
    }

    /// Compares with a golden file where it is the same each time: its names of servers are not.
    fn says(&self, name: &str, ran: &Ran) {
        if self.0.kind.is_none() {
            golden::assert(name, &ran.text());
        }
    }

    /// Runs a command on a terminal, where somebody answers its question; its exit code, and what the terminal showed.
    fn on_terminal(&self, args: &[&str], answer: &str) -> (i32, String) {
        let service = self.0.service.command(&[]);
        let mut script = Command::new("script");
        let line = format!("{} {}", program().display(), args.join(" "));
        script
            .args([
                "--quiet",
                "--flush",
                "--return",
                "--command",
                &line,
                "/dev/null",
            ])
            .current_dir(self.0.service.dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        for (name, value) in service.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        script
            .env("TEAS", self.1)
            .env("SHELL", "/bin/sh")
            .env("NO_COLOR", "1");
        let mut child = script.spawn().unwrap();
        let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (mut shown, mut byte) = (Vec::new(), [0]);
        while !shown.ends_with(b"[y/N] ") && screen.read(&mut byte).unwrap() == 1 {
            shown.extend(byte);
        }
        keys.write_all(answer.as_bytes()).unwrap();
        keys.flush().unwrap();
        screen.read_to_end(&mut shown).unwrap();
        let code = child.wait().unwrap().code().unwrap_or(-1);
        let shown = String::from_utf8(shown).unwrap();
        (code, shown.replace("\r\n", "\n"))
    }
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

on_every_engine! {
    fn every_goal_is_a_command(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create,price,pots");
        let out = |words: &str| build.migrate(words).ends_with(0).out;
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
        let status = build.migrate("status").ends_with(0);
        golden::assert("migrate-groups.txt", &without_times(&status.text()));
        let down: Value = build.migrate("down --json").ends_with(0).json();
        assert_eq!(down["reverted"][0], "m1_create_teas");
        assert_eq!(down["applied"].as_array().map(Vec::len), Some(0));
        assert_eq!(down["runs"][0]["direction"], "down");
        let unknown = build.migrate("to nowhere").ends_with(65);
        assert!(unknown.err.contains("error[A208]"), "{unknown:#?}");
    }

    fn what_was_changed_is_refused_until_it_is_accepted(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create");
        build.migrate("up").ends_with(0);
        let build = Build(&house, "edited,price");
        for words in ["up", "up --json"] {
            let refused = build.migrate(words).ends_with(65);
            assert!(refused.err.contains("A211"), "{refused:#?}");
        }
        build.says("migrate-check-changed.txt", &build.migrate("check").ends_with(3));
        let check = build.migrate("check --json").ends_with(3).json();
        assert_eq!(
            (&check["ok"], &check["code"]),
            (&Value::Bool(false), &Value::from("A211"))
        );
        let start = build.run(&["serve"]).ends_with(65);
        assert!(
            format!("{}{}", start.out, start.err).contains("A211"),
            "a service does not start on it: {start:#?}"
        );

        let fixed = build.migrate("fix --checksums").ends_with(0);
        assert_eq!(fixed.out, "accepted m1_create_teas\n");
        build.migrate("up").ends_with(0);
        let check = build.migrate("check").ends_with(0);
        assert_eq!(check.out, "the schema is what the code expects\n");
        build.migrate("status --check").ends_with(0);
    }

    fn what_was_left_half_done_is_settled_by_hand(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create,half,pots");
        let failed = build.migrate("up").ends_with(65);
        build.says("migrate-half.txt", &failed);
        let dirty = build.migrate("up").ends_with(65);
        build.says("migrate-dirty.txt", &dirty);
        build.migrate("status --check").ends_with(3);
        build.migrate("fix --dirty half perhaps").ends_with(2);
        let fixed = build.migrate("fix --dirty half applied").ends_with(0);
        assert_eq!(fixed.out, "applied m3_half\n");
        assert_eq!(
            build.migrate("up").ends_with(0).out,
            "applied m5_create_pots\n"
        );
    }

    fn production_is_asked_before_something_is_lost(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create,price");
        build.migrate("up").ends_with(0);
        let build = Build(&house, "create,price,drop");
        let up = build.production(&["migrate", "up"]);
        let refused = build.run(&up).ends_with(65);
        build.says("migrate-destructive.txt", &refused);
        let at_start = build.production(&["--set", "database.migrate=apply", "serve"]);
        let start = build.run(&at_start).ends_with(65);
        assert!(
            format!("{}{}", start.out, start.err).contains("A214"),
            "{start:#?}"
        );
        assert!(refused.err.starts_with("error[A214]: "), "{refused:#?}");

        // on a terminal somebody is asked
        let question = "This cannot be had back:\n  m4_drop_price: the column `teas.price` goes, with its values\n\
                        Go on, in production? [y/N] ";
        for answer in ["n\n", "\n", "maybe\n"] {
            let (code, shown) = build.on_terminal(&up, answer);
            assert_eq!(code, 1, "{answer:?}: {shown}");
            assert!(shown.contains(question), "{shown}");
            assert!(shown.contains("error: nothing was changed"), "{shown}");
        }
        let states = build.migrate("status --json").ends_with(0).json();
        assert_eq!(states["migrations"][2]["state"], "pending");
        let (code, shown) = build.on_terminal(&up, "y\n");
        assert_eq!(code, 0, "{shown}");
        assert!(shown.contains(question), "{shown}");
        assert!(shown.contains("applied m4_drop_price"), "{shown}");
    }

    fn production_agrees_in_the_command_where_nobody_can_be_asked(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create,price");
        build.migrate("up").ends_with(0);
        let build = Build(&house, "create,price,drop");
        let agreed = build
            .run(&build.production(&["migrate", "up", "--yes"]))
            .ends_with(0);
        assert_eq!(agreed.out, "applied m4_drop_price\n");
    }

    fn what_is_out_of_order_is_applied_when_asked_to(house: House of "teas") {
        house.service.run(&["db", "create"]).ends_with(0);
        let build = Build(&house, "create,pots");
        build.migrate("up").ends_with(0);
        let build = Build(&house, "create,price,pots");
        let refused = build.migrate("up").ends_with(65);
        assert!(refused.err.contains("A211"), "{refused:#?}");
        let told = build.migrate("fix").ends_with(1);
        assert!(
            told.err.contains("out of order: `m2_add_price`"),
            "{told:#?}"
        );
        let order = build.migrate("fix --json").ends_with(0).json();
        assert_eq!(order["out_of_order"][0], "m2_add_price");
        let applied = build.migrate("up --allow-out-of-order").ends_with(0);
        assert_eq!(applied.out, "applied m2_add_price\n");
        assert!(
            build.migrate("fix")
                .ends_with(0)
                .out
                .starts_with("nothing to fix")
        );
    }
}
