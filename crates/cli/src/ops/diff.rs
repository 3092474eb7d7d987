//! What a change changes, as `git apply` and `patch` read it.

use similar::TextDiff;

/// A unified diff of one file, with three lines of context; `None` stands for a file that is not there.
#[must_use]
pub fn unified(path: &str, before: Option<&str>, after: Option<&str>) -> String {
    let header = |side: &str, text: Option<&str>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default())
        .unified_diff()
        .context_radius(3)
        .header(&header("a", before), &header("b", after))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_new_file_comes_from_nothing() {
        assert_eq!(
            unified("src/a.rs", None, Some("one\ntwo\n")),
            "--- /dev/null\n+++ b/src/a.rs\n@@ -0,0 +1,2 @@\n+one\n+two\n"
        );
    }

    #[test]
    fn a_missing_line_end_is_said() {
        assert_eq!(
            unified("a", Some("one"), Some("one\n")),
            "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+one\n"
        );
    }

    #[test]
    fn what_is_equal_has_no_diff() {
        assert_eq!(unified("a", Some("one\n"), Some("one\n")), "");
    }
}
