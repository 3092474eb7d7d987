//! The files that the build put into this program.

/// A file of a template.
#[derive(Clone, Copy)]
pub(crate) struct File {
    /// Relative to its root, with `/`.
    pub(crate) path: &'static str,
    /// What it holds.
    pub(crate) bytes: &'static [u8],
}

impl File {
    /// The text of the file of this path, or `None` where there is none or it is no text.
    pub(crate) fn text(files: &[Self], path: &str) -> Option<&'static str> {
        files
            .iter()
            .find(|file| file.path == path)
            .and_then(|file| std::str::from_utf8(file.bytes).ok())
    }
}

include!(concat!(env!("OUT_DIR"), "/shop.rs"));
