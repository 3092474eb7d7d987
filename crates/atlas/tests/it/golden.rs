//! Files of expected words, next to the tests.

use std::path::Path;

/// Compares `actual` with the file `tests/it/golden/<name>`; `UPDATE_GOLDEN=1` rewrites the file.
#[track_caller]
pub(crate) fn assert(name: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/golden")
        .join(name);
    assert_file(&file, actual);
}

/// Compares `actual` with any file of the repository, in the same way.
#[track_caller]
pub(crate) fn assert_file(file: &Path, actual: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    let differs = expected
        .lines()
        .zip(actual.lines())
        .position(|(expected, actual)| expected != actual)
        .unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    assert!(
        expected == actual,
        "{} differs at line {}; `UPDATE_GOLDEN=1` rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        file.display(),
        differs + 1,
    );
}
