//! Words kept in files: `UPDATE_GOLDEN=1` writes them anew.

use std::{env, fs, path::Path};

/// Compares with `tests/golden/<name>`; lines and columns of Rust files are left out, because they move.
#[track_caller]
pub(crate) fn golden(name: &str, text: &str) {
    let text = without_lines(text.trim_end()) + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "{} differs; UPDATE_GOLDEN=1 accepts this:\n{text}",
        path.display()
    );
}

/// `src/db.rs:56:10` becomes `src/db.rs:LL:CC`.
fn without_lines(text: &str) -> String {
    let mut parts = text.split(".rs:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(".rs:LL");
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        match rest
            .strip_prefix(':')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            Some(column) => {
                out.push_str(":CC");
                out.push_str(column.trim_start_matches(|c: char| c.is_ascii_digit()));
            }
            None => out.push_str(rest),
        }
    }
    out
}
