//! What the entities ask for and the migrations do not make.

use super::{House, on_every_engine};
use crate::support::Service;

on_every_engine! {
    fn a_difference_is_told_checked_and_drafted(house: House of "more-house") {
        let service = &house.service;
        service.run(&["db", "create"]).ends_with(0);
        let check = service.run(&["migrate", "diff", "--check"]).ends_with(3);
        assert!(check.err.starts_with("error[A215]: "), "{check:#?}");
        assert!(check.err.contains("no migration makes the column `teas.origin`"), "{check:#?}");
        let json = service.run(&["migrate", "diff", "--check", "--json"]).ends_with(3).json();
        assert_eq!(json["differences"].as_array().unwrap().len(), 1);

        let draft = service.run(&["migrate", "diff", "add_origin_to_teas"]).ends_with(0);
        assert!(draft.out.contains("pub(super) struct AddOriginToTeas;"), "{draft:#?}");
        assert!(
            draft.out.contains("schema.add_column(\"teas\", ColumnDef::new(\"origin\").string_len(255));"),
            "{draft:#?}"
        );
        assert!(draft.err.starts_with("- no migration makes"), "{draft:#?}");
        let json = service.run(&["migrate", "diff", "add_origin_to_teas", "--json"]).ends_with(0).json();
        assert_eq!(json["draft"]["type_name"], "AddOriginToTeas");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }

    fn where_nothing_differs_nothing_is_drafted(house: House of "house") {
        let service = &house.service;
        service.run(&["db", "create"]).ends_with(0);
        let check = service.run(&["migrate", "diff", "--check"]).ends_with(0);
        assert_eq!(check.out, "the entities and the migrations agree\n");
        let draft = service.run(&["migrate", "diff", "nothing"]).ends_with(0);
        assert_eq!(draft.out, "");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }
}

#[test]
fn a_service_without_entities_is_told_how_to_contribute_them() {
    let ran = Service::new("notes")
        .run(&["migrate", "diff", "--check"])
        .ends_with(1);
    assert!(
        ran.err
            .contains(".contribute(|| atlas::db::entity(table::Entity))"),
        "{ran:#?}"
    );
}

#[test]
fn a_name_is_asked_for() {
    let ran = Service::new("house").run(&["migrate", "diff"]).ends_with(2);
    assert!(ran.err.contains("<NAME>"), "{ran:#?}");
}
