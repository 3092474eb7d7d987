//! What is not removed.

use super::{House, on_every_engine};

on_every_engine! {
    fn nothing_is_removed_in_production_or_unasked(house: House of "house") {
        let service = &house.service;
        service.run(&["db", "prepare"]).ends_with(0);
        for command in ["drop", "reset"] {
            let ran = service.run(&["db", command]).ends_with(2);
            assert!(ran.err.contains("nobody can be asked\n   = help: say `--yes`"), "{ran:#?}");
            let mut production = vec!["db", command, "--yes", "--profile", "production"];
            if house.kind.is_none() {
                production.extend(["--set", "database.url=sqlite://data/development.sqlite"]);
            }
            let ran = service.run(&production).ends_with(1);
            assert!(ran.err.starts_with("error[A216]: "), "{ran:#?}");
            assert!(!ran.err.contains('@'), "{ran:#?}");
        }
        let ready = service.run(&["db", "prepare"]).ends_with(0);
        assert!(ready.out.starts_with("nothing to do: "), "{ready:#?}");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }
}

#[test]
fn production_is_prepared_but_begins_empty() {
    let house = House::on(None, "house").unwrap();
    let production = [
        "--profile",
        "production",
        "--set",
        "database.url=sqlite://data/it.sqlite",
    ];
    let prepare = [&["db", "prepare", "--json"][..], &production].concat();
    let json = house.service.run(&prepare).ends_with(0).json();
    assert_eq!(json["applied"].as_array().unwrap().len(), 1);
    assert_eq!(json["seeded"].as_array().unwrap().len(), 0);
}

#[test]
fn a_server_that_is_away_ends_with_69() {
    let house = House::on(None, "house").unwrap();
    for url in [
        "postgres://it@127.0.0.1:1/teas",
        "mysql://it@127.0.0.1:1/teas",
    ] {
        let set = format!("database.url={url}");
        let ran = house
            .service
            .run(&["db", "create", "--set", &set])
            .ends_with(69);
        assert!(ran.err.starts_with("error[A206]: "), "{ran:#?}");
    }
}

#[test]
fn a_service_without_a_database_says_how_to_get_one() {
    let ran = crate::support::Service::new("quiet")
        .run(&["db", "prepare"])
        .ends_with(1);
    assert!(
        ran.err.contains("add `.module(atlas::db::module())`"),
        "{ran:#?}"
    );
}
