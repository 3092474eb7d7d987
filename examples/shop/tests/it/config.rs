//! The files of the configuration name every key that there is.

use std::fs;

use atlas::config::{Description, Reference};

/// What stands before the `=` of each line, commented out or not.
fn keys(text: &str) -> Vec<&str> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='));
    lines
        .map(|(key, _)| key.trim())
        .filter(|key| !key.contains(' '))
        .collect()
}

#[tokio::test]
async fn default_toml_and_env_example_name_every_key() {
    let sections: Vec<Description> = shop::app().resolve().await.expect("sections need nothing");
    let reference = Reference::of(&sections);
    for (path, format, expected) in [
        ("config/default.toml", "toml", reference.to_toml()),
        (".env.example", "env", reference.to_env_example()),
    ] {
        let text = fs::read_to_string(path).expect("the file is there");
        let there = keys(&text);
        let lacking: Vec<_> = keys(&expected)
            .into_iter()
            .filter(|key| !there.contains(key))
            .collect();
        let help = format!("cargo run -- config reference --format {format}");
        assert!(
            lacking.is_empty(),
            "`{path}` lacks {lacking:?}; `{help}` explains them"
        );
    }
    let schema = fs::read_to_string("config/schema.json").expect("the file is there");
    assert!(
        schema.trim_end() == format!("{:#}", reference.to_json_schema()),
        "what editors know is outdated: `cargo run -- config reference --format schema > config/schema.json`"
    );
}
