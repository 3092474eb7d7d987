//! Text that is safe to write: digits and escapes.

use std::fmt::{self, Write};

/// Appends a whole number without the formatting machinery.
pub(super) fn push_number(out: &mut String, value: u64) {
    push_padded(out, value, 1);
}

/// Appends a whole number, filled with zeros to at least `width` digits.
pub(super) fn push_padded(out: &mut String, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while value > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// Appends a signed whole number.
pub(super) fn push_signed(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    push_number(out, value.unsigned_abs());
}

/// Appends a finite number in the shortest form that is read back as it was.
pub(super) fn push_decimal(out: &mut String, value: f64) {
    let thousandths = value * 1000.0;
    let whole = thousandths.round();
    // durations in milliseconds have at most three decimals, and every request logs one
    if (0.0..1e12).contains(&whole) && whole / 1000.0 == value && value.is_sign_positive() {
        let whole = whole as u64;
        push_number(out, whole / 1000);
        if !whole.is_multiple_of(1000) {
            out.push('.');
            push_padded(out, whole % 1000, 3);
            out.truncate(out.trim_end_matches('0').len());
        }
    } else {
        // writing into a string cannot fail
        let _ = write!(out, "{value}");
    }
}

/// Whether a character may not be written as it is: control characters, and those that reorder or break text.
fn dangerous(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes into a JSON string, without its quotes.
pub(super) struct JsonString<'a>(pub(super) &'a mut String);

impl Write for JsonString<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let plain = |byte: &u8| (b' '..0x7f).contains(byte) && *byte != b'"' && *byte != b'\\';
        if text.as_bytes().iter().all(plain) {
            self.0.push_str(text);
            return Ok(());
        }
        for char in text.chars() {
            match char {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                // all dangerous characters are in the basic plane: one escape each
                char if dangerous(char) => write!(self.0, "\\u{:04x}", u32::from(char))?,
                char => self.0.push(char),
            }
        }
        Ok(())
    }
}

/// Writes one line for people: control characters are shown, not obeyed.
pub(super) struct Printable<'a>(pub(super) &'a mut String);

impl Write for Printable<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text
            .as_bytes()
            .iter()
            .all(|byte| (b' '..0x7f).contains(byte))
        {
            self.0.push_str(text);
            return Ok(());
        }
        for char in text.chars() {
            match char {
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                char if dangerous(char) => write!(self.0, "\\u{{{:x}}}", u32::from(char))?,
                char => self.0.push(char),
            }
        }
        Ok(())
    }
}

/// An error and what caused it, on one line: `cannot save: connection refused`.
pub(super) struct Chain<'a>(pub(super) &'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut said = self.0.to_string();
        let mut source = self.0.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // many errors repeat their source in their own text
            if !said.contains(&text) {
                write!(f, ": {text}")?;
            }
            said = text;
            source = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for value in [0, 7, 10, 1234, u64::MAX] {
            let mut out = String::new();
            push_number(&mut out, value);
            assert_eq!(out, value.to_string());
        }
        for value in [0, -1, i64::MIN, i64::MAX] {
            let mut out = String::new();
            push_signed(&mut out, value);
            assert_eq!(out, value.to_string());
        }
        let mut out = String::new();
        push_padded(&mut out, 42, 6);
        assert_eq!(out, "000042");
    }

    #[test]
    fn decimals_are_written_as_the_standard_library_does() {
        let thousandths = (0..5000).chain([u32::MAX, 123_456_000]);
        let values = thousandths.map(|it| f64::from(it) / 1000.0);
        for value in values.chain([
            -0.0,
            -1.5,
            0.0005,
            1e15,
            1e300,
            0.1 + 0.2,
            f64::MIN_POSITIVE,
        ]) {
            let mut out = String::new();
            push_decimal(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }

    #[test]
    fn json_strings_are_read_back_as_they_were() {
        for text in [
            "plain",
            "a \"quote\" \\ and\n\r\t\u{1b}[31mred",
            "é 漢 🦀 \u{85}\u{202e}\u{2028}\u{7f}",
        ] {
            let mut out = String::from("\"");
            JsonString(&mut out).write_str(text).unwrap();
            out.push('"');
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
            assert!(!out.chars().any(dangerous), "{out}");
        }
    }

    #[test]
    fn people_see_control_characters_instead_of_obeying_them() {
        let mut out = String::new();
        Printable(&mut out)
            .write_str("ok\u{1b}[2J\r\nFAKE\u{9b}31m \u{202e}")
            .unwrap();
        assert_eq!(out, "ok\\u{1b}[2J\\r\\nFAKE\\u{9b}31m \\u{202e}");
    }
}
