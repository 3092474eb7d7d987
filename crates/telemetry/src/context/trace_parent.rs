//! The `traceparent` header.

use std::fmt;

use super::id::{self, SpanId, TraceId};

/// The caller's place in a trace, as in the header `traceparent` of
/// [W3C Trace Context](https://www.w3.org/TR/trace-context/): `00-<trace id>-<parent id>-<flags>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace that the caller belongs to.
    pub trace_id: TraceId,
    /// The caller's own operation, the parent of ours.
    pub span_id: SpanId,
    /// Bit 0: the caller records this trace. Other bits are kept for later versions of the standard.
    pub flags: u8,
}

impl TraceParent {
    /// How long a header is, in bytes.
    pub const LENGTH: usize = 55;

    /// Reads a header; `None` when it must be ignored (the standard then asks for a new trace).
    ///
    /// A version above 00 is read by its first 55 bytes, as the standard demands; version `ff` is invalid.
    pub fn parse(header: &[u8]) -> Option<Self> {
        let (head, rest) = header.split_at_checked(Self::LENGTH)?;
        let version = byte(&head[..2])?;
        let ends = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest[0] == b'-',
        };
        if !ends || [head[2], head[35], head[52]] != *b"---" {
            return None;
        }
        Some(Self {
            trace_id: TraceId::parse(&head[3..35])?,
            span_id: SpanId::parse(&head[36..52])?,
            flags: byte(&head[53..])?,
        })
    }

    /// The header in version 00. Only the flags that this version knows are sent on.
    pub fn to_header(self) -> [u8; Self::LENGTH] {
        let mut out = [b'-'; Self::LENGTH];
        out[..2].copy_from_slice(b"00");
        out[3..35].copy_from_slice(&self.trace_id.to_hex());
        out[36..52].copy_from_slice(&self.span_id.to_hex());
        id::encode(&[self.flags & 1], &mut out[53..]);
        out
    }

    /// Whether the caller records this trace.
    pub fn sampled(self) -> bool {
        self.flags & 1 == 1
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(id::ascii(&self.to_header()))
    }
}

fn byte(hex: &[u8]) -> Option<u8> {
    Some(id::digit(hex[0])? << 4 | id::digit(hex[1])?)
}

#[cfg(test)]
mod tests {
    use super::TraceParent;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_survives_a_round_trip() {
        let parent = TraceParent::parse(GOOD.as_bytes()).unwrap();
        assert!(parent.sampled());
        assert_eq!(parent.to_string(), GOOD);
    }

    #[test]
    fn a_later_version_is_read_by_its_first_part() {
        for later in [
            GOOD.replacen("00", "01", 1),
            GOOD.replacen("00", "cc", 1) + "-what-the-future-holds",
        ] {
            let parent = TraceParent::parse(later.as_bytes()).unwrap();
            assert_eq!(parent.to_string(), GOOD);
        }
    }

    #[test]
    fn a_malformed_header_is_ignored() {
        let bad = [
            String::new(),
            GOOD[..54].to_owned(),
            GOOD.to_owned() + "-more",
            GOOD.to_owned() + "x",
            GOOD.to_uppercase(),
            GOOD.replacen("00", "ff", 1),
            GOOD.replacen("00", "01", 1) + ".more",
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            GOOD.replace('-', "_"),
            GOOD.replace("-01", "-0x"),
            GOOD.replacen("00", "é", 1),
        ];
        for header in bad {
            assert_eq!(TraceParent::parse(header.as_bytes()), None, "{header}");
        }
    }
}
