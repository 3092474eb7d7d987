//! From the bytes of a store to the job that a handler takes.

use atlas_core::BoxError;

use crate::Job;

/// Reads a payload of what a store calls a kind, whatever its version.
pub(super) fn decode<J: Job>(kind: &str, payload: &[u8]) -> Result<J, BoxError> {
    let (_, version) = split(kind);
    if version == J::VERSION {
        return serde_json::from_slice(payload).map_err(BoxError::from);
    }
    let payload = serde_json::from_slice(payload)?;
    let payload = J::upgrade(version, payload)?;
    serde_json::from_value(payload).map_err(BoxError::from)
}

/// What a store calls a kind with payloads of this version.
pub(crate) fn stored(kind: &str, version: u16) -> String {
    match version {
        0 | 1 => kind.to_owned(),
        version => format!("{kind}@{version}"),
    }
}

/// The kind and the version of its payload, of what a store calls it.
pub(crate) fn split(stored: &str) -> (&str, u16) {
    match stored.rsplit_once('@') {
        Some((kind, version)) => (kind, version.parse().unwrap_or(1)),
        None => (stored, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{split, stored};

    #[test]
    fn the_first_version_is_not_said() {
        assert_eq!(stored("mail", 1), "mail");
        assert_eq!(stored("mail", 3), "mail@3");
        assert_eq!(split("mail"), ("mail", 1));
        assert_eq!(split("mail@3"), ("mail", 3));
    }
}
