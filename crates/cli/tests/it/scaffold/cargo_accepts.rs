//! What is generated compiles without a warning, is formatted, and passes its own tests on every engine.

use atlas_cli::ops::cargo;
use atlas_servers::{Kind, shared, skipped};

use super::place::Place;
use crate::support::{binary, stderr, stdout};

/// Every type of field, present, optional, unique and with an index; every key; every kind of name.
const MODULES: &[&str] = &[
    "everythings label:string body:text count:int size:bigint total:decimal paid:bool day:date at:datetime owner:uuid data:json price:money",
    "maybes label:string? body:text? count:int? size:bigint? total:decimal? paid:bool? day:date? at:datetime? owner:uuid? data:json? price:money? --key int",
    "keys label:string:unique count:int:unique size:bigint:unique total:decimal:unique day:date:unique at:datetime:unique owner:uuid:unique --key string --entity lock",
    "order_items label:string:index count:int:index size:bigint:index total:decimal:index day:date:index at:datetime:index owner:uuid:index nick:string?:index due:date?:index",
    "inventory paid:bool level:int?:unique",
    "flags up:bool --key int",
    "texts text:string:index limit:int:index sort:string --key string",
    "users price:money",
];

#[test]
fn cargo_accepts_modules_with_every_type_of_field_and_every_key() {
    let place = Place::to_build("tea-house");
    for module in MODULES {
        place.does(&format!("generate module {module}"));
    }
    place.does("generate migration create_pots name:string:unique price:money? day:date:index");
    place.does("generate migration add_size_to_orders_of_old size:decimal label:string:index seen:datetime?");
    place.does("destroy migration add_size_to_orders_of_old");
    place.does("generate migration add_origin_to_inventory origin:string:index weight:decimal price:money? seen:datetime?");
    place.has_every_driver();
    let cargo = |engine: &str, arguments: &[&str]| {
        // without what cargo tells of this test: build scripts watch it, and would build anew for the service and back
        let output = cargo::command(&place.root())
            .args(arguments)
            .env("ATLAS_TEST_DATABASE", engine)
            // what cargo has built for this workspace need not be built again
            .env(
                "CARGO_TARGET_DIR",
                binary().parent().unwrap().parent().unwrap(),
            )
            .output()
            .unwrap();
        let words = format!("{}{}", stdout(&output), stderr(&output));
        assert!(
            output.status.success(),
            "cargo {} on {engine}: {words}",
            arguments.join(" ")
        );
        words
    };
    let clippy = "clippy --offline --all-targets -- -D warnings";
    let clippy: Vec<_> = clippy.split(' ').collect();
    cargo("sqlite", &["fmt", "--check"]);
    cargo("sqlite", &clippy);
    let words = cargo("sqlite", &["test", "--offline"]);
    for kind in Kind::ALL {
        match shared(kind) {
            Ok(_) => drop(cargo(kind.word(), &["test", "--offline"])),
            Err(absent) => skipped(&absent),
        }
    }
    for module in [
        "everythings",
        "maybes",
        "keys",
        "order_items",
        "inventory",
        "flags",
        "texts",
        "users",
    ] {
        for test in [
            format!("test {module}::tests::"),
            format!("test {module}::the_list_is_read_page_by_page ... ok"),
        ] {
            assert!(words.contains(&test), "{test} in {words}");
        }
    }
}
