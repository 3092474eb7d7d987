//! Records of jobs, as scripts read and write them by `struct`: numbers in little-endian order, then texts with their lengths
//! before them, each at the place that `job.lua` gives it.

use super::answer::{strange, time};
use crate::{Error, Result, Time};

/// How many bytes times, spans and fences have: enough for the milliseconds up to the year 9999.
const LONG: usize = 6;

/// A record that is written from its beginning.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, number: u8) -> &mut Self {
        self.0.push(number);
        self
    }

    pub(super) fn number(&mut self, number: u32) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// A time or a span in milliseconds; one that has more bytes is the longest one.
    pub(super) fn long(&mut self, number: i64) -> &mut Self {
        let bytes = number.clamp(0, (1 << (8 * LONG)) - 1).to_le_bytes();
        self.0.extend(&bytes[..LONG]);
        self
    }

    /// # Errors
    ///
    /// When it is longer than a name or a key may be.
    pub(super) fn text(&mut self, text: &str) -> Result<&mut Self> {
        let long = |_| {
            let (length, most) = (text.len(), u16::MAX);
            Error::Invalid(format!(
                "a name or a key is {length} bytes, and at most {most} are allowed"
            ))
        };
        let length = u16::try_from(text.len()).map_err(long)?;
        self.0.extend(length.to_le_bytes());
        self.0.extend(text.as_bytes());
        Ok(self)
    }

    pub(super) fn written(self) -> Vec<u8> {
        self.0
    }
}

/// A record that is read from its beginning.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(record: &'a [u8]) -> Self {
        Self(record)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(strange)?;
        self.0 = rest;
        Ok(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| strange())
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Result<i64> {
        let mut bytes = [0; 8];
        bytes[..LONG].copy_from_slice(self.take(LONG)?);
        Ok(i64::from_le_bytes(bytes))
    }

    /// A time, if there is one.
    pub(super) fn time(&mut self) -> Result<Option<Time>> {
        let millis = self.long()?;
        Ok((millis > 0).then(|| time(millis)))
    }

    pub(super) fn text(&mut self) -> Result<String> {
        let length = self.bytes().map(u16::from_le_bytes)?;
        let text = self.take(length.into())?.to_vec();
        String::from_utf8(text).map_err(|_| strange())
    }

    /// A text, if there is one.
    pub(super) fn word(&mut self) -> Result<Option<String>> {
        self.text().map(|text| (!text.is_empty()).then_some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer};
    use crate::clock::LATEST;

    #[test]
    fn what_is_written_is_read() {
        let latest = LATEST.timestamp_millis();
        let mut writer = Writer::default();
        writer
            .byte(7)
            .number(u32::MAX)
            .long(latest)
            .long(-1)
            .long(0);
        writer.text("").unwrap().text("größer").unwrap();
        let record = writer.written();
        let mut reader = Reader::new(&record);
        assert_eq!(reader.byte().unwrap(), 7);
        assert_eq!(reader.number().unwrap(), u32::MAX);
        assert_eq!(reader.time().unwrap(), Some(LATEST));
        assert_eq!(reader.long().unwrap(), 0);
        assert_eq!(reader.time().unwrap(), None);
        assert_eq!(reader.word().unwrap(), None);
        assert_eq!(reader.text().unwrap(), "größer");
        assert!(reader.byte().is_err(), "it is at its end");
    }

    #[test]
    fn a_text_that_no_record_can_hold_is_refused() {
        let long = "x".repeat(usize::from(u16::MAX) + 1);
        let words = Writer::default().text(&long).err().unwrap().to_string();
        assert!(words.contains("65536 bytes"), "{words}");
    }
}
