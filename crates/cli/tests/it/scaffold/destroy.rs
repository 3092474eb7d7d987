//! Generators and the way back, on a real service.

use std::fs;

use super::place::Place;
use crate::support::{stderr, stdout};

/// Calls of generators, and how each is taken back.
const CALLS: &[(&str, &str)] = &[
    (
        "generate module orders name:string total:decimal",
        "destroy module orders",
    ),
    (
        "generate module order_items price:money? --key int",
        "destroy module order_items",
    ),
    (
        "generate module staff at:datetime:index --key string --entity employee",
        "destroy module staff",
    ),
    (
        "generate migration add_origin_to_products origin:string?",
        "destroy migration add_origin_to_products",
    ),
    (
        "generate migration split_names",
        "destroy migration split_names",
    ),
    (
        "generate job catalog check_stock product:string:unique since:datetime?",
        "destroy job catalog check_stock",
    ),
    (
        "generate job catalog reorder product:string count:int",
        "destroy job catalog reorder",
    ),
];

#[test]
fn what_is_destroyed_leaves_every_byte_as_it_was_whatever_the_order() {
    let place = Place::with("shop");
    let new = place.tree();
    for (generate, destroy) in CALLS {
        place.does(generate);
        assert_ne!(place.tree(), new, "{generate}");
        place.does(destroy);
        assert_eq!(place.tree(), new, "{destroy}");
    }
    for (generate, _) in CALLS {
        place.does(generate);
    }
    let all = place.tree();
    for (generate, _) in CALLS {
        place.does(generate);
    }
    assert_eq!(place.tree(), all, "a second run changes nothing");
    // first in, first out: lines of the others stand before and behind
    for (_, destroy) in CALLS {
        place.does(destroy);
    }
    assert_eq!(place.tree(), new);
}

#[test]
fn the_first_feature_can_be_destroyed_too() {
    let place = Place::with("shop");
    place.does("generate module orders name:string");
    place.does("destroy module catalog");
    let left = place.tree();
    assert!(
        left.keys()
            .all(|path| !path.contains("catalog") && !path.contains("products")),
        "{:?}",
        left.keys()
    );
    for path in ["config.rs", "support.rs", "orders.rs"] {
        assert!(
            left.contains_key(&format!("tests/it/{path}")),
            "{path} has nothing to do with it"
        );
    }
    for path in ["src/lib.rs", "src/migrations/mod.rs", "tests/it/main.rs"] {
        let text = String::from_utf8_lossy(&left[path]);
        assert!(
            !text.contains("catalog") && !text.contains("product") && !text.contains("boutique"),
            "{path}: {text}"
        );
        assert!(text.contains("orders"), "{path}: {text}");
    }
}

#[test]
fn an_edited_file_is_shown_and_kept_unless_forced() {
    let place = Place::with("shop");
    let new = place.tree();
    place.does("generate module orders name:string");
    let service = place.root().join("src/orders/service.rs");
    let text = fs::read_to_string(&service).unwrap();
    fs::write(
        &service,
        text.replace("Lists orders.", "Lists the orders of a customer."),
    )
    .unwrap();
    let edited = place.tree();
    let output = place.atlas("destroy module orders");
    assert_eq!(output.status.code(), Some(3));
    let words = stderr(&output);
    assert!(
        words.contains("-    /// Lists orders.\n+    /// Lists the orders of a customer.\n"),
        "{words}"
    );
    assert!(
        words.contains("--force") && words.contains("--skip"),
        "{words}"
    );
    assert_eq!(place.tree(), edited, "nothing was touched");
    place.does("destroy module orders --skip");
    assert!(service.exists());
    assert!(!place.root().join("src/orders/mod.rs").exists());
    fs::remove_dir_all(place.root().join("src/orders")).unwrap();
    assert_eq!(place.tree(), new);

    place.does("generate module orders name:string");
    fs::write(&service, "mine").unwrap();
    place.does("destroy module orders --force");
    assert_eq!(place.tree(), new);
}

#[test]
fn a_person_s_files_are_never_overwritten_unasked() {
    let place = Place::with("shop");
    fs::create_dir(place.root().join("src/orders")).unwrap();
    fs::write(place.root().join("src/orders/mod.rs"), "// mine\n").unwrap();
    let before = place.tree();
    let output = place.atlas("generate module orders name:string");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("`src/orders/mod.rs` has other content"),
        "{}",
        stderr(&output)
    );
    assert_eq!(place.tree(), before);
    let dry = place.atlas("generate module orders name:string --dry-run");
    assert_eq!(dry.status.code(), Some(3));
    assert!(stdout(&dry).contains("-// mine\n"));
    assert_eq!(place.tree(), before);
}

#[test]
fn when_one_file_cannot_be_written_none_is() {
    let place = Place::with("shop");
    // a file where the folder of the module must be
    fs::write(place.root().join("src/orders"), "in the way").unwrap();
    let before = place.tree();
    let output = place.atlas("generate module orders name:string");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("nothing was changed"),
        "{}",
        stderr(&output)
    );
    assert_eq!(place.tree(), before);
}

#[test]
fn a_service_whose_app_has_another_shape_gets_the_files_and_the_lines_to_paste() {
    let place = Place::with("shop");
    let lib = place.root().join("src/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    fs::write(&lib, text.replace("App::new(\"shop\")", "base()")).unwrap();
    let output = place.atlas("generate module orders name:string");
    assert!(output.status.success());
    let words = stderr(&output);
    assert!(
        words.contains("`src/lib.rs` has a shape that is not known"),
        "{words}"
    );
    assert!(words.contains("    .module(orders::module())\n"), "{words}");
    let now = fs::read_to_string(&lib).unwrap();
    assert!(
        now.contains("pub mod orders;") && !now.contains("orders::module()"),
        "{now}"
    );
}

#[test]
fn a_dry_run_is_a_patch_that_git_can_apply() {
    let place = Place::with("shop");
    let output = place.atlas("generate module orders name:string note:text? --dry-run");
    assert!(output.status.success());
    fs::write(place.root().join("patch"), stdout(&output)).unwrap();
    let git = std::process::Command::new("git")
        .args(["apply", "patch"])
        .current_dir(place.root())
        .output()
        .unwrap();
    assert!(git.status.success(), "{}", stderr(&git));
    fs::remove_file(place.root().join("patch")).unwrap();
    let patched = place.tree();
    place.does("generate module orders name:string note:text?");
    assert_eq!(place.tree(), patched);
}

#[test]
fn generators_need_no_other_tool() {
    let place = Place::with("shop");
    let module = "generate module orders name:string:index total:decimal price:money?";
    place.does(module);
    let with = place.tree();
    place.does("destroy module orders");
    let arguments: Vec<&str> = module.split(' ').collect();
    let nowhere = crate::support::atlas(&arguments)
        .current_dir(place.root())
        .env("PATH", "")
        .output()
        .unwrap();
    assert!(nowhere.status.success(), "{}", stderr(&nowhere));
    let without = place.tree();
    assert!(with.keys().eq(without.keys()));
    for (path, bytes) in without.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let plain = |bytes: &[u8]| -> String {
            let text = String::from_utf8_lossy(bytes);
            // where lines break, rustfmt sets and takes commas and braces, and sorts
            let mut letters: Vec<char> = text
                .chars()
                .filter(|it| !it.is_whitespace() && !matches!(it, ',' | '{' | '}'))
                .collect();
            letters.sort_unstable();
            letters.into_iter().collect()
        };
        assert_eq!(plain(bytes), plain(&with[path]), "{path}");
    }
    place.does("destroy module orders --force");
}
