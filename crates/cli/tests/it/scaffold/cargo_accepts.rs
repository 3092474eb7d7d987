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

/// Every type of field that a job can have; several in one file, one without fields, and one behind what a person wrote.
const JOBS: &[&str] = &[
    "catalog check_stock product:string:unique since:datetime? day:date data:json",
    "catalog reorder product:uuid:unique count:int? size:bigint urgent:bool note:text",
    "keys clean_up",
    "users greet day:date:unique name:string?",
];

#[test]
fn cargo_accepts_modules_with_every_type_of_field_and_every_key() {
    let place = Place::to_build("tea-house");
    for module in MODULES {
        place.does(&format!("generate module {module}"));
    }
    place.has_every_driver();
    agree(&place);
    place.does("generate migration create_pots name:string:unique price:money? day:date:index");
    place.does("generate migration add_size_to_orders_of_old size:decimal label:string:index seen:datetime?");
    place.does("destroy migration add_size_to_orders_of_old");
    for job in JOBS {
        place.does(&format!("generate job {job}"));
    }
    place.does("generate migration add_origin_to_inventory origin:string:index weight:decimal price:money? seen:datetime?");
    let cargo =
        |engine: &str, arguments: &[&str]| run(&place, arguments, ("ATLAS_TEST_DATABASE", engine));
    let clippy = "clippy --offline --all-targets -- -D warnings";
    let clippy: Vec<_> = clippy.split(' ').collect();
    cargo("sqlite", &["fmt", "--check"]);
    cargo("sqlite", &clippy);
    let words = cargo("sqlite", &["test", "--offline"]);
    for kind in Kind::DATABASES {
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

/// The entities of generated modules and their migrations agree, on every engine.
fn agree(place: &Place) {
    let service = |url: &str, line: &str| {
        let line = format!("run --offline --quiet -- {line}");
        let arguments: Vec<&str> = line.split(' ').collect();
        run(place, &arguments, ("ATLAS_DATABASE__URL", url))
    };
    let file = place.root().join("data/agree.sqlite");
    let words = service(
        &format!("sqlite://{}", file.display()),
        "migrate diff --check",
    );
    assert!(
        words.contains("the entities and the migrations agree"),
        "{words}"
    );
    for kind in Kind::DATABASES {
        match shared(kind) {
            Ok(server) => {
                let url = server.url_of(&format!("atlas_t_agree_{:x}", std::process::id()));
                service(&url, "db create");
                let words = service(&url, "migrate diff --check");
                assert!(
                    words.contains("the entities and the migrations agree"),
                    "{words}"
                );
                service(&url, "db drop --yes");
            }
            Err(absent) => skipped(&absent),
        }
    }
}

/// Runs cargo in the service; it must succeed.
fn run(place: &Place, arguments: &[&str], variable: (&str, &str)) -> String {
    // without what cargo tells of this test: build scripts watch it, and would build anew for the service and back
    let output = cargo::command(&place.root())
        .args(arguments)
        .env(variable.0, variable.1)
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
        "cargo {} with {}={}: {words}",
        arguments.join(" "),
        variable.0,
        variable.1
    );
    words
}
