//! The pages of `docs/errors`, inside the program, so that they can be read without a network.

/// The page of one error code.
#[derive(Debug)]
pub struct Page {
    /// Such as `A201`.
    pub code: &'static str,
    /// The page as Markdown.
    pub text: &'static str,
}

impl Page {
    /// The page's heading without the code.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let heading = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .unwrap_or_default();
        heading
            .trim_start_matches(self.code)
            .trim_start_matches([':', ' ', '–', '-'])
    }
}

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of `code`, in any case: `a201` finds `A201`.
#[must_use]
pub fn page(code: &str) -> Option<&'static Page> {
    PAGES
        .iter()
        .find(|page| page.code.eq_ignore_ascii_case(code))
}
