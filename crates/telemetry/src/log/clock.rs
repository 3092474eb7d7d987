//! The time of a line, RFC 3339.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use super::text;

/// `2026-11-22T14:00:24.` and the second it stands for.
type Cached = (u64, [u8; 20]);

thread_local! {
    static SECOND: Cell<Cached> = const { Cell::new((u64::MAX, [0; 20])) };
}

/// Appends the time now in UTC with microseconds: `2026-11-22T14:00:24.123456Z`.
pub(super) fn push_now(out: &mut String) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    push(out, now.as_secs(), now.subsec_micros());
}

/// Appends only the time of day with milliseconds, for people: `14:00:24.123`.
pub(super) fn push_time_of_day(out: &mut String) {
    let start = out.len();
    push_now(out);
    out.drain(start..start + 11);
    out.truncate(out.len() - 4);
}

fn push(out: &mut String, second: u64, micros: u32) {
    let (cached, mut text) = SECOND.get();
    if cached != second {
        text = format(second);
        SECOND.set((second, text));
    }
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
    text::push_padded(out, u64::from(micros), 6);
    out.push('Z');
}

/// Date and time of a second since 1970, in the proleptic Gregorian calendar.
fn format(second: u64) -> [u8; 20] {
    let (year, month, day) = date(second / 86_400);
    let of_day = second % 86_400;
    let mut out = *b"0000-00-00T00:00:00.";
    let parts = [
        (0, 4, year),
        (5, 2, month),
        (8, 2, day),
        (11, 2, of_day / 3600),
        (14, 2, of_day / 60 % 60),
        (17, 2, of_day % 60),
    ];
    for (at, width, mut value) in parts {
        for digit in out[at..at + width].iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
    }
    out
}

/// Year, month and day of a day since 1970.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    // whole cycles of 400 years first, so that the walk over years stays short
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as u64 + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_seconds_read_as_their_dates() {
        let cases = [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, 999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000001Z"),
            (1_709_251_199, 0, "2024-02-29T23:59:59.000000Z"),
            (1_795_356_024, 123_456, "2026-11-22T14:00:24.123456Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000Z"),
        ];
        for (second, micros, expected) in cases {
            let mut out = String::new();
            push(&mut out, second, micros);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn the_time_of_day_has_milliseconds() {
        let mut out = String::from("at ");
        push_time_of_day(&mut out);
        assert_eq!(out.len(), "at 14:00:24.123".len(), "{out}");
        assert_eq!(out.as_bytes()[11], b'.', "{out}");
    }
}
