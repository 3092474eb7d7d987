//! The example that is measured, held against what the framework says of itself.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use atlas::config::{Description, Reference};

/// Users may change their copies, which are only held against the keys that there are. The example has every word.
#[tokio::test]
async fn the_files_of_the_shop_are_the_reference_word_for_word() {
    let sections: Vec<Description> = shop::app().resolve().await.unwrap();
    let reference = Reference::of(&sections);
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/shop");
    for (path, expected) in [
        ("config/default.toml", reference.to_toml()),
        (".env.example", reference.to_env_example()),
        (
            "config/schema.json",
            format!("{:#}\n", reference.to_json_schema()),
        ),
    ] {
        let path = shop.join(path);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &expected).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text == expected,
            "`{}` differs; `UPDATE_GOLDEN=1` rewrites it",
            path.display()
        );
    }
}
