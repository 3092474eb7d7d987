//! Taking the answers of scripts apart.

use atlas_redis::redis::Value;

use crate::{Error, Result, Time, clock::kept};

/// A list that is read from its beginning.
pub(super) struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    /// The parts of a list.
    pub(super) fn of(value: Value) -> Result<Self> {
        match value {
            Value::Array(items) | Value::Set(items) => Ok(Self(items.into_iter())),
            _ => Err(strange()),
        }
    }

    /// The next part; what is missing at the end is nothing.
    pub(super) fn any(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Nil)
    }

    /// The next part, a list.
    pub(super) fn list(&mut self) -> Result<Self> {
        Self::of(self.any())
    }

    /// The next part, a number if there is one.
    pub(super) fn number(&mut self) -> Result<Option<i64>> {
        match self.any() {
            Value::Int(number) => Ok(Some(number)),
            Value::Nil | Value::Boolean(false) => Ok(None),
            Value::Boolean(true) => Ok(Some(1)),
            value => number(&text(value)?).map(Some),
        }
    }

    /// The next part, a number that must be there and fit.
    pub(super) fn size<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let number = self.number()?.ok_or_else(strange)?;
        T::try_from(number).map_err(|_| strange())
    }

    /// The next part, a time if there is one.
    pub(super) fn time(&mut self) -> Result<Option<Time>> {
        Ok(self.number()?.map(time))
    }

    /// The next part, some bytes if there are any.
    pub(super) fn bytes(&mut self) -> Result<Option<Vec<u8>>> {
        match self.any() {
            Value::Nil | Value::Boolean(false) => Ok(None),
            value => bytes(value).map(Some),
        }
    }

    /// The next part, a text if there is one.
    pub(super) fn text(&mut self) -> Result<Option<String>> {
        let bytes = self.bytes()?;
        bytes
            .map(|it| String::from_utf8(it).map_err(|_| strange()))
            .transpose()
    }

    /// The next part, a text that must be there.
    pub(super) fn word(&mut self) -> Result<String> {
        self.text()?.ok_or_else(strange)
    }

    /// The next part, something that has a name.
    pub(super) fn named<T: std::str::FromStr>(&mut self) -> Result<T> {
        self.word()?.parse().map_err(|_| strange())
    }
}

impl ExactSizeIterator for Fields {}

impl Iterator for Fields {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// A text.
pub(super) fn text(value: Value) -> Result<String> {
    String::from_utf8(bytes(value)?).map_err(|_| strange())
}

/// A number that was told as a text.
pub(super) fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| strange())
}

/// A time of the server.
pub(super) fn time(millis: i64) -> Time {
    kept(Time::from_timestamp_millis(millis).unwrap_or(Time::MAX_UTC))
}

/// What is not as this version writes it.
pub(super) fn strange() -> Error {
    Error::Refused(
        "what Redis keeps of the jobs is not as this version writes it: another program may use the same `redis.prefix`"
            .into(),
    )
}

fn bytes(value: Value) -> Result<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Ok(text.into_bytes()),
        _ => Err(strange()),
    }
}
