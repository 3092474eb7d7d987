//! The identifiers of W3C Trace Context.

use std::fmt;

use super::random;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The identifier of a whole trace: 16 bytes, written as 32 lower-case hex digits, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// The identifier of one operation in a trace: 8 bytes, written as 16 lower-case hex digits, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl TraceId {
    /// A new random identifier.
    pub fn random() -> Self {
        // the low bit of the first half keeps it from being all zero, and costs one bit in 128
        Self((u128::from(random::next() | 1) << 64 | u128::from(random::next())).to_be_bytes())
    }

    /// Reads the 32 lower-case hex digits of the standard; `None` for anything else, and for all zeros.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        decode::<16>(hex).map(Self)
    }

    /// The bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The 32 hex digits as ASCII.
    pub fn to_hex(self) -> [u8; 32] {
        let mut out = [0; 32];
        encode(&self.0, &mut out);
        out
    }
}

impl SpanId {
    /// A new random identifier.
    pub fn random() -> Self {
        Self((random::next() | 1).to_be_bytes())
    }

    /// Reads the 16 lower-case hex digits of the standard; `None` for anything else, and for all zeros.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        decode::<8>(hex).map(Self)
    }

    /// The bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// The 16 hex digits as ASCII.
    pub fn to_hex(self) -> [u8; 16] {
        let mut out = [0; 16];
        encode(&self.0, &mut out);
        out
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.to_hex()))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.to_hex()))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes `bytes` as lower-case hex into `out`, which is twice as long.
pub(super) fn encode(bytes: &[u8], out: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(out.as_chunks_mut::<2>().0) {
        *pair = [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ];
    }
}

/// Reads exactly `N` bytes of lower-case hex that are not all zero.
fn decode<const N: usize>(hex: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = hex.as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(pairs) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    (out != [0; N]).then_some(out)
}

/// The value of one lower-case hex digit.
pub(super) fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Our own hex digits as text.
pub(super) fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_a_round_trip() {
        let id = TraceId::random();
        assert_eq!(TraceId::parse(id.to_string().as_bytes()), Some(id));
        let id = SpanId::random();
        assert_eq!(SpanId::parse(id.to_string().as_bytes()), Some(id));
    }

    #[test]
    fn what_the_standard_forbids_is_refused() {
        for bad in [
            "",
            "0000000000000000",
            "00f067aa0ba902b",
            "00f067aa0ba902b77",
            "00F067AA0BA902B7",
            "00f067aa0ba902g7",
        ] {
            assert_eq!(SpanId::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
