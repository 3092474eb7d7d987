//! Commands about schedules.

use serde_json::{Value, json};

use crate::support::Service;

/// A service whose jobs are kept in a database, with a handler of `stamp`.
fn letters() -> Service {
    let service = Service::new("letters-in-database")
        .env("USER", "anna")
        .env("HOSTNAME", "desk");
    service.run(&["migrate", "up"]).ends_with(0);
    service
}

/// The arguments that add the schedule `weekly`, and these.
fn weekly<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let all = ["schedule", "add", "weekly", "0 8 * * MON", "stamp"];
    [&all[..], &["--payload", r#"{"letters": 3}"#], more].concat()
}

/// All schedules.
fn list(service: &Service) -> Vec<Value> {
    let answer = service.run(&["schedule", "list", "--json"]).ends_with(0);
    answer.json()["schedules"].as_array().unwrap().clone()
}

#[test]
fn a_schedule_that_was_added_is_listed_changed_paused_resumed_run_and_removed_with_a_line_each() {
    let service = letters();
    let zone = ["--time-zone", "Europe/Berlin", "--misfire", "skip"];
    let more = [&zone[..], &["--jitter", "30s", "--queue", "mail", "--json"]].concat();
    let added = service.run(&weekly(&more)).ends_with(0).json();
    assert_eq!(
        (&added["new"], &added["paused"]),
        (&json!(true), &json!(false))
    );
    let all = list(&service);
    let it = &all[0];
    for (field, value) in [
        ("name", json!("weekly")),
        ("cron", json!("0 8 * * MON")),
        ("zone", json!("Europe/Berlin")),
        ("kind", json!("stamp")),
        ("payload", json!({ "letters": 3 })),
        ("queue", json!("mail")),
        ("jitter_ms", json!(30_000)),
        ("misfire", json!("skip")),
        ("from_code", json!(false)),
    ] {
        assert_eq!(it[field], value, "{field}: {it}");
    }

    let next = ["schedule", "next", "weekly", "-n", "3", "--json"];
    let next = service.run(&next).ends_with(0).json();
    let times = next["next"].as_array().unwrap();
    assert_eq!(times.len(), 3, "{next}");
    let hours: Vec<&str> = times.iter().map(|it| &it.as_str().unwrap()[11..]).collect();
    let berlin = ["06:00:00+00:00", "07:00:00+00:00"];
    assert!(hours.iter().all(|it| berlin.contains(it)), "{next}");
    assert_eq!(next["zone"], "Europe/Berlin");
    let five = service.run(&["schedule", "next", "weekly"]).ends_with(0);
    assert_eq!(five.out.lines().count(), 5, "{five:#?}");
    assert!(five.err.contains("Monday"), "{five:#?}");

    let why = ["schedule", "pause", "weekly", "--why", "a holiday"];
    service.run(&why).ends_with(0);
    let paused = service.run(&["schedule", "next", "weekly"]).ends_with(0);
    assert!(paused.err.contains("schedule resume weekly"), "{paused:#?}");
    let changed = service.run(&weekly(&["--misfire", "all"])).ends_with(0);
    assert_eq!(changed.out, "`weekly` is changed, and still paused\n");
    let said = service.run(&["schedule", "resume", "weekly"]).ends_with(0);
    assert!(said.out.starts_with("`weekly` fires next at "), "{said:#?}");
    let again = service.run(&["schedule", "resume", "weekly"]).ends_with(0);
    assert_eq!(again.out, "`weekly` is not paused\n");
    assert_eq!(list(&service)[0]["paused"], false);

    let ran = service.run(&["schedule", "run", "weekly", "--json"]);
    let id = ran.ends_with(0).json()["id"].as_str().unwrap().to_owned();
    let job = service.run(&["jobs", "show", &id, "--json"]).ends_with(0);
    let job = job.json();
    assert_eq!(job["schedule"], "weekly");
    assert_eq!(job["payload"], json!({ "letters": 3 }));
    assert_eq!(job["actor"], "cli:anna@desk");

    service.run(&["schedule", "remove", "weekly"]).ends_with(0);
    assert!(list(&service).is_empty());
    let audit = service.run(&["jobs", "audit", "weekly", "--json"]);
    let audit = audit.ends_with(0).json();
    let lines = audit["audit"].as_array().unwrap();
    let actions: Vec<&str> = lines
        .iter()
        .filter_map(|it| it["action"].as_str())
        .collect();
    let expected = ["remove", "run", "resume", "change", "pause", "add"];
    assert_eq!(
        actions,
        expected.map(|it| format!("schedule.{it}")),
        "{audit}"
    );
    assert!(
        lines.iter().all(|it| it["actor"] == "cli:anna@desk"),
        "{audit}"
    );
    assert_eq!(lines[4]["detail"], "a holiday", "{audit}");
}

#[test]
fn a_schedule_that_cannot_be_is_refused_and_the_error_says_how_it_can() {
    let service = letters();
    let add = ["schedule", "add", "weekly"];
    for (arguments, words) in [
        (&["61 8 * * MON", "stamp"][..], "the minute `61` is wrong"),
        (
            &["often", "stamp"],
            "five fields (minute hour day month weekday)",
        ),
        (
            &["0 0 30 2 *", "stamp"],
            "never fires: there is no such day",
        ),
        (
            &["0 8 * * *", "stamp", "--time-zone", "Europe/Berlln"],
            "did you mean `Europe/Berlin`?",
        ),
        (&["0 8 * * *", "stmp"], "did you mean `stamp`?"),
        (&["0 8 * * *", "stmp"], "say `--unknown`"),
        (
            &["0 8 * * *", "stamp", "--payload", "{letters}"],
            "the payload is no JSON",
        ),
        (
            &["0 8 * * *", "stamp", "--payload", r#"{"letters": "three"}"#],
            "the payload is not what a `stamp` takes: invalid type: string \"three\", expected u32",
        ),
        (
            &["0 8 * * *", "stamp"],
            "the payload is not what a `stamp` takes: missing field `letters`",
        ),
        (
            &["0 8 * * *", "stamp", "--misfire", "sometimes"],
            "possible values: skip, once, all",
        ),
        (
            &[
                "0 8 * * *",
                "stamp",
                "--payload",
                r#"{"letters": 1}"#,
                "--jitter",
                "2d",
            ],
            "give at most 24 hours",
        ),
    ] {
        let ran = service.run(&[&add, arguments].concat()).ends_with(2);
        assert!(ran.err.contains(words), "{arguments:?}: {ran:#?}");
    }
    assert!(list(&service).is_empty());

    let elsewhere = ["schedule", "add", "other", "@daily", "bake", "--unknown"];
    service.run(&elsewhere).ends_with(0);
    for command in ["next", "resume", "run", "remove"] {
        let ran = service.run(&["schedule", command, "othr"]).ends_with(1);
        assert!(ran.err.contains("there is no schedule `othr`"), "{ran:#?}");
        assert!(ran.err.contains("did you mean `other`?"), "{ran:#?}");
    }
}
