//! Places in PostgreSQL's write-ahead log.

use std::{fmt, str::FromStr};

use super::position::Unreadable;

/// The size of a page of the log, as every common build has it.
const PAGE: u64 = 8192;
/// The sizes of the headers that a page begins with: an ordinary one, and the first one of a file.
const HEADERS: [u64; 2] = [24, 40];

/// A place in the log: everything before it was written, or replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lsn(u64);

impl Lsn {
    /// The end of the last record before a place at which the next one will be inserted.
    ///
    /// When a record ends with its page, the next one begins behind the header of the page that follows, and that is where
    /// the server says it would insert. A replica that has replayed everything stands before that header. No record fits
    /// between a header and the places looked at here, so none is missed by going back to the end of the page before.
    pub(crate) fn record_end(self) -> Self {
        let within = self.0 % PAGE;
        if HEADERS.contains(&within) {
            Self(self.0 - within)
        } else {
            self
        }
    }
}

impl FromStr for Lsn {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let half = |text: &str| match text.len() {
            1..=8 if text.bytes().all(|it| it.is_ascii_hexdigit()) => {
                u64::from_str_radix(text, 16).ok()
            }
            _ => None,
        };
        let (high, low) = text.split_once('/').ok_or(Unreadable)?;
        match (half(high), half(low)) {
            (Some(high), Some(low)) => Ok(Self(high << 32 | low)),
            _ => Err(Unreadable),
        }
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::Lsn;

    #[test]
    fn what_is_written_is_read_again() {
        for _ in 0..10_000 {
            let lsn = Lsn(fastrand::u64(..) >> fastrand::u32(..64));
            assert_eq!(lsn.to_string().parse(), Ok(lsn));
        }
        assert_eq!("16/B374D848".parse(), Ok(Lsn(0x16_b374_d848)));
    }

    #[test]
    fn text_orders_as_the_log_does() {
        let lsn = |text: &str| text.parse::<Lsn>().unwrap();
        assert!(lsn("0/FFFFFFFF") < lsn("1/0"));
        assert!(lsn("0/9") < lsn("0/10"));
        assert!(lsn("A/0") > lsn("9/FFFFFFFF"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "/",
            "1/",
            "/1",
            "1",
            "1/2/3",
            "+1/2",
            "1/-2",
            "g/0",
            "0/123456789",
            " 0/1",
        ] {
            assert!(text.parse::<Lsn>().is_err(), "`{text}`");
        }
    }

    #[test]
    fn the_header_of_an_empty_page_is_not_something_to_wait_for() {
        let page = 5 * super::PAGE;
        for (at, end) in [
            (0, 0),
            (24, 0),
            (40, 0),
            (32, 32),
            (48, 48),
            (64, 64),
            (8184, 8184),
        ] {
            assert_eq!(Lsn(page + at).record_end(), Lsn(page + end), "{at}");
        }
    }
}
