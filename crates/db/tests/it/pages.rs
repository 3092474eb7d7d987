//! The pages about errors show what is really said.

use std::{fs, path::Path};

#[test]
fn every_page_shows_the_message_as_it_is_printed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = [
        ("A202", "A202_scheme"),
        ("A203", "A203_one"),
        ("A204", "A204_one"),
        ("A206", "A206_garbage"),
        ("A207", "A207_failed"),
        ("A208", "A208_failed"),
        ("A209", "A209_no_database_postgresql"),
        ("A211", "A211_changed"),
        ("A212", "A212"),
        ("A214", "A214"),
        ("A217", "A217_refused"),
        ("A218", "A218_unknown"),
    ];
    for (code, golden) in shown {
        let page = fs::read_to_string(here.join(format!("../../docs/errors/{code}.md"))).unwrap();
        let message =
            fs::read_to_string(here.join(format!("tests/it/golden/{golden}.txt"))).unwrap();
        for line in message.lines().filter(|line| !line.starts_with("  --> ")) {
            assert!(
                page.contains(line),
                "docs/errors/{code}.md lacks the line\n{line}"
            );
        }
    }
}
