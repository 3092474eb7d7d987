//! Texts that are kept as files.

use std::path::Path;

/// Compares `actual` with the file; `UPDATE_GOLDEN=1` writes it instead.
pub(crate) fn assert_golden(name: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/server/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; `UPDATE_GOLDEN=1` rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        file.display()
    );
}
