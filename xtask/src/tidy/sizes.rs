//! A file is one idea: 600 lines at most, its tests aside.

use std::path::Path;

use anyhow::Result;

use super::{Finding, files};

const LIMIT: usize = 600;

/// Says every file of Rust that is too long.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files::with_extension(root, "rs")? {
        let place = files::relative(root, &path);
        if place.contains("/tests/") || place.ends_with("/tests.rs") {
            continue;
        }
        let lines = lines_of_code(&files::read(&path)?);
        if lines > LIMIT {
            findings.push(Finding::new(
                place,
                format!("{lines} lines, {LIMIT} are allowed: split it by idea"),
            ));
        }
    }
    Ok(findings)
}

/// Lines up to the unit tests, which by custom close a file.
fn lines_of_code(text: &str) -> usize {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, check, lines_of_code};

    #[test]
    fn unit_tests_do_not_count() {
        assert_eq!(
            lines_of_code("fn a() {}\n\n#[cfg(test)]\nmod tests {}\n"),
            2
        );
    }

    #[test]
    fn a_long_file_is_a_finding_and_a_long_test_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let long = "// line\n".repeat(LIMIT + 1);
        std::fs::create_dir_all(folder.path().join("crates/a/tests/it")).unwrap();
        std::fs::write(folder.path().join("crates/a/long.rs"), &long).unwrap();
        std::fs::write(folder.path().join("crates/a/tests/it/long.rs"), &long).unwrap();
        let findings = check(folder.path()).unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "crates/a/long.rs");
    }
}
