//! `migrate …` and `seed`.

use crate::golden;
use crate::support::Service;

#[test]
fn the_schema_goes_up_and_down_and_is_asked_about() {
    let service = Service::new("notes");
    let pending = service.run(&["migrate", "status", "--check"]).ends_with(3);
    golden::assert("migrate-status.txt", &pending.text());

    let up = service.run(&["migrate", "up"]).ends_with(0);
    assert_eq!(up.out, "applied m20261122_000001_create_notes\n");
    let again = service.run(&["migrate", "up", "--json"]).ends_with(0);
    assert_eq!(again.json()["applied"].as_array().unwrap().len(), 0);

    let status = service
        .run(&["migrate", "status", "--check", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(status["migrations"][0]["state"], "applied");
    assert!(status["migrations"][0]["applied_at"].is_string());

    let down = service.run(&["migrate", "down", "3"]).ends_with(0);
    assert_eq!(down.out, "reverted m20261122_000001_create_notes\n");
    let nothing = service.run(&["migrate", "down"]).ends_with(0);
    assert_eq!(
        nothing.out,
        "nothing to take back: no migration is applied\n"
    );
}

#[test]
fn seeds_are_planted_for_the_profile_they_are_meant_for() {
    let service = Service::new("notes");
    service.run(&["migrate", "up"]).ends_with(0);
    let first = service.run(&["seed"]).ends_with(0);
    assert_eq!(
        first.out,
        "planted notes\nplanted reminders: 2 rows (2 inserted)\n"
    );
    let again = service.run(&["seed", "reminders"]).ends_with(0);
    assert_eq!(again.out, "planted reminders: 2 rows (2 unchanged)\n");
    assert_eq!(again.err, "", "a bar is for terminals");
    let json = service.run(&["seed", "--json"]).ends_with(0).json();
    let table = &json["seeds"][1]["tables"][0];
    assert_eq!(
        (&table["table"], &table["unchanged"]),
        (&"notes".into(), &2.into())
    );
}

const PRODUCTION: [&str; 4] = [
    "--profile",
    "production",
    "--set",
    "database.url=sqlite://data/development.sqlite",
];

#[test]
fn seeds_do_not_run_in_production_without_a_flag() {
    let service = Service::new("notes");
    service.run(&["migrate", "up"]).ends_with(0);
    let refused = service
        .run(&[&PRODUCTION[..], &["seed"]].concat())
        .ends_with(2);
    assert!(refused.err.starts_with("error[A217]: "), "{refused:#?}");
    assert!(refused.err.contains("--force-production"), "{refused:#?}");

    let forced = [&PRODUCTION[..], &["seed", "--force-production", "--json"]].concat();
    let json = service.run(&forced).ends_with(0).json();
    assert_eq!(json["profile"], "production");
    assert!(
        json["seeds"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["ran"] == false)
    );

    let other = [&PRODUCTION[..], &["seed", "notes", "--force-production"]].concat();
    let other = service.run(&other).ends_with(2);
    assert_eq!(
        other.err,
        "error: the seed `notes` is not meant for the profile `production`\n   = help: it is meant for `development`, `test`\n"
    );
}

#[test]
fn seeds_are_listed_and_chosen_by_name() {
    let service = Service::new("notes");
    let list = service.run(&["seed", "--list"]).ends_with(0);
    golden::assert("seed-list.txt", &list.text());
    let json = service
        .run(&["seed", "--list", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(json["seeds"][1]["file"], "seeds/reminders.toml");
    assert_eq!(json["seeds"][1]["runs"], true);
    let unknown = service.run(&["seed", "nots"]).ends_with(2);
    assert_eq!(
        unknown.err,
        "error: there is no seed `nots`\n   = help: its seeds: `notes`, `reminders`\n"
    );
}

#[test]
fn a_seed_before_the_migrations_is_told_about_them_and_ends_with_65() {
    let ran = Service::new("notes").run(&["seed"]).ends_with(65);
    assert!(ran.err.starts_with("error[A203]: "), "{ran:#?}");
    assert!(ran.err.contains("migrate up"), "{ran:#?}");
}

#[test]
fn a_bad_url_ends_with_78() {
    let ran = Service::new("notes")
        .run(&["migrate", "up", "--set", "database.url=nonsense"])
        .ends_with(78);
    assert!(ran.err.starts_with("error[A20"), "{ran:#?}");
}

#[test]
fn a_service_without_a_database_says_how_to_get_one() {
    for command in [&["migrate", "status"][..], &["seed"]] {
        let ran = Service::new("quiet").run(command).ends_with(1);
        let expected = "error: `quiet` has no database\n   = help: add `.module(atlas::db::module())` to the app\n";
        assert_eq!(ran.err, expected);
    }
}
