//! The `format`s of strings that are worth a check: those that schemars and OpenAPI give to common Rust types.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The format in words when `text` is not of it; nothing for a good text and for a format that is not known here.
pub(crate) fn broken(name: &str, text: &str) -> Option<&'static str> {
    let (good, words) = match name {
        "uuid" => (
            is_uuid(text),
            "a UUID such as `0193b6a0-7f3c-7d31-9c1a-2b5f0c9d8e7f`",
        ),
        "email" => (
            is_email(text),
            "an email address such as `name@example.com`",
        ),
        "date" => (is_date(text), "a date such as `2026-11-22`"),
        "time" => (
            is_offset_time(text),
            "a time with offset such as `14:30:00Z`",
        ),
        "partial-time" => (is_time(text), "a time such as `14:30:00`"),
        "date-time" => (
            split_date_time(text).is_some_and(|(date, time)| is_date(date) && is_offset_time(time)),
            "a date and time with offset such as `2026-11-22T14:30:00Z`",
        ),
        "partial-date-time" => (
            split_date_time(text).is_some_and(|(date, time)| is_date(date) && is_time(time)),
            "a date and time such as `2026-11-22T14:30:00`",
        ),
        "ipv4" => (
            text.parse::<Ipv4Addr>().is_ok(),
            "an IPv4 address such as `192.0.2.1`",
        ),
        "ipv6" => (
            text.parse::<Ipv6Addr>().is_ok(),
            "an IPv6 address such as `2001:db8::1`",
        ),
        "ip" => (
            text.parse::<IpAddr>().is_ok(),
            "an IP address such as `192.0.2.1` or `2001:db8::1`",
        ),
        "uri" => (is_uri(text), "a URI such as `https://example.com/path`"),
        _ => return None,
    };
    (!good).then_some(words)
}

fn is_uuid(text: &str) -> bool {
    // the hyphenated form of RFC 9562, which is what the schema's readers are told to send
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
            && !domain.is_empty()
            && domain.len() <= 255
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label
                        .chars()
                        .all(|letter| letter.is_alphanumeric() || letter == '-')
            })
    })
}

fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    })
}

fn split_date_time(text: &str) -> Option<(&str, &str)> {
    let at = text.find(['T', 't', ' '])?;
    Some((&text[..at], &text[at + 1..]))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let (clock, fraction) = text
        .split_once('.')
        .map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute), Some(second), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    digits(hour, 2).is_some_and(|hour| hour < 24)
        && digits(minute, 2).is_some_and(|minute| minute < 60)
        // RFC 3339 allows a leap second
        && digits(second, 2).is_some_and(|second| second <= 60)
        && fraction.is_none_or(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_offset_time(text: &str) -> bool {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return is_time(time);
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return false;
    };
    let offset = &text[at + 1..];
    is_time(&text[..at])
        && offset.split_once(':').is_some_and(|(hour, minute)| {
            digits(hour, 2).is_some_and(|hour| hour < 24)
                && digits(minute, 2).is_some_and(|minute| minute < 60)
        })
}

/// The number that exactly `count` digits write.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
