//! One fault of the input and its place.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    place: Place,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
}

/// Where in the request a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the body: a JSON Pointer (RFC 6901), `""` for the body as a whole.
    Body(String),
    /// In the query string: the name of the parameter.
    Query(String),
    /// In the path: the name of the parameter.
    Path(String),
    /// In a header: its name.
    Header(String),
}

impl Fault {
    /// A fault at `place` with a stable code such as `min_length` and a message for people.
    pub fn new(
        place: Place,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            place,
            code: code.into(),
            message: message.into(),
        }
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What is wrong, for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A fault in the body is `{"pointer", "code", "message"}`, one elsewhere `{"parameter", "in", "code", "message"}`.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.place {
            Place::Body(pointer) => map.serialize_entry("pointer", pointer)?,
            Place::Query(name) => parameter(&mut map, name, "query")?,
            Place::Path(name) => parameter(&mut map, name, "path")?,
            Place::Header(name) => parameter(&mut map, name, "header")?,
        }
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}

fn parameter<M: SerializeMap>(map: &mut M, name: &str, place: &str) -> Result<(), M::Error> {
    map.serialize_entry("parameter", name)?;
    map.serialize_entry("in", place)
}
