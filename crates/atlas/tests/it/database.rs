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
    for _ in 0..2 {
        let ran = service.run(&["seed"]).ends_with(0);
        assert_eq!(ran.out, "planted notes\n");
    }
    let production = [
        "--profile",
        "production",
        "--set",
        "database.url=sqlite://data/development.sqlite",
    ];
    let json = service
        .run(&[&production[..], &["seed", "--json"]].concat())
        .ends_with(0)
        .json();
    assert_eq!(json["profile"], "production");
    assert_eq!(json["seeds"][0]["ran"], false);
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
