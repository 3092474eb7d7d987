//! What came of an edit.

/// The result of an insertion or a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The new text of the file.
    Changed(String),
    /// Nothing to do: it is there already, or was not there to be removed.
    Same,
    /// The file does not have the shape that is known; it must be edited by hand.
    Unknown,
}

impl Edit {
    /// Keeps an insertion only if the result parses and `undo` gives back `before`, byte for byte.
    pub(super) fn proven(before: &str, after: String, undo: impl FnOnce(&str) -> Self) -> Self {
        match undo(&after) {
            Self::Changed(undone) if undone == before => Self::Changed(after),
            _ => Self::Unknown,
        }
    }
}
