//! The identifier of one request.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{id, random};

/// The longest identifier that is accepted from a caller, in bytes.
const MAX: usize = 128;
/// The longest one that is kept without an allocation: a UUID has 36 bytes.
const SHORT: usize = 38;

/// The identifier of one request: taken from the caller's `X-Request-ID` when it is sound, else a UUIDv7 (RFC 9562),
/// which sorts by time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Text);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Text {
    Short { bytes: [u8; SHORT], length: u8 },
    Long(Arc<[u8]>),
}

impl RequestId {
    /// Takes a caller's identifier: 1 to 128 bytes of letters, digits and `-_.`; `None` for anything else.
    ///
    /// The identifier is written into logs and sent back, so nothing that could end a line, a header or a JSON string is
    /// let in.
    pub fn accept(value: &[u8]) -> Option<Self> {
        if value.is_empty() || value.len() > MAX || !value.iter().all(allowed) {
            return None;
        }
        if value.len() > SHORT {
            return Some(Self(Text::Long(value.into())));
        }
        let mut bytes = [0; SHORT];
        bytes[..value.len()].copy_from_slice(value);
        let length = value.len() as u8;
        Some(Self(Text::Short { bytes, length }))
    }

    /// A new UUIDv7 for now.
    pub fn generate() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::at(now.as_millis() as u64)
    }

    /// A new UUIDv7 for a time given in milliseconds since 1970, for a caller that has read the clock already.
    pub fn at(unix_milliseconds: u64) -> Self {
        let (high, low) = (random::next(), random::next());
        let mut raw = [0; 16];
        raw[..8].copy_from_slice(&(unix_milliseconds << 16 | high & 0xffff).to_be_bytes());
        raw[8..].copy_from_slice(&low.to_be_bytes());
        raw[6] = 0x70 | raw[6] & 0x0f;
        raw[8] = 0x80 | raw[8] & 0x3f;

        let mut bytes = [0; SHORT];
        let groups = [(0, 4, 0), (4, 6, 9), (6, 8, 14), (8, 10, 19), (10, 16, 24)];
        for (from, to, at) in groups {
            id::encode(&raw[from..to], &mut bytes[at..at + 2 * (to - from)]);
        }
        for at in [8, 13, 18, 23] {
            bytes[at] = b'-';
        }
        Self(Text::Short { bytes, length: 36 })
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        id::ascii(self.as_bytes())
    }

    /// The identifier as ASCII, ready for a header value.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Short { bytes, length } => &bytes[..usize::from(*length)],
            Text::Long(bytes) => bytes,
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

fn allowed(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_identifier_is_a_version_7_uuid_that_carries_the_time() {
        let id = RequestId::at(0x0192_3456_789a);
        let text = id.as_str();
        assert_eq!(text.len(), 36);
        assert!(text.starts_with("01923456-789a-7"), "{text}");
        assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(id, RequestId::at(0x0192_3456_789a));
    }

    #[test]
    fn a_callers_identifier_is_taken_when_it_can_do_no_harm() {
        for good in [
            "7",
            "req_1.a-Z",
            &"a".repeat(38),
            &"b".repeat(39),
            &"c".repeat(128),
        ] {
            let id = RequestId::accept(good.as_bytes()).unwrap();
            assert_eq!(id.as_str(), good);
            assert_eq!(id.clone(), id);
        }
        for bad in [
            &b""[..],
            &[b'a'; 129],
            b"a=b",
            b"a/b",
            b"a b",
            b"a\r\nX: y",
            b"a\"b",
            b"\x1b[31m",
            "é".as_bytes(),
        ] {
            assert_eq!(RequestId::accept(bad), None, "{bad:?}");
        }
    }
}
