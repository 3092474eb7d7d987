//! Methods as labels.

use atlas_telemetry::names::http::label;
use axum::http::Method;

/// A method that the standard knows, or "some other": a label must not be what a client makes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Verb(u8);

const NAMES: [&str; Verb::COUNT] = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    label::OTHER,
];

impl Verb {
    /// How many there are.
    pub(crate) const COUNT: usize = 10;
    /// A method that is not known, or of a request that could not be read.
    pub(crate) const OTHER: Self = Self(9);

    /// The verb of a method.
    pub(crate) fn of(method: &Method) -> Self {
        Self(match *method {
            Method::GET => 0,
            Method::POST => 1,
            Method::PUT => 2,
            Method::PATCH => 3,
            Method::DELETE => 4,
            Method::HEAD => 5,
            Method::OPTIONS => 6,
            Method::TRACE => 7,
            Method::CONNECT => 8,
            _ => return Self::OTHER,
        })
    }

    /// The verb whose handler answers: that of `GET` answers `HEAD` too.
    pub(crate) fn handled_as(self) -> Self {
        if NAMES[self.index()] == "HEAD" {
            Self::of(&Method::GET)
        } else {
            self
        }
    }

    /// The verb with this number, which came from [`Verb::index`].
    pub(super) fn at(index: usize) -> Self {
        Self(index.min(usize::from(Self::OTHER.0)) as u8)
    }

    /// Its number, below [`Verb::COUNT`].
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Its name as a label.
    pub(crate) fn name(self) -> &'static str {
        NAMES[self.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_method_keeps_its_name_and_any_other_shares_one() {
        for name in &NAMES[..9] {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            assert_eq!(Verb::of(&method).name(), *name);
            assert_eq!(Verb::at(Verb::of(&method).index()), Verb::of(&method));
        }
        assert_eq!(
            Verb::of(&Method::from_bytes(b"BREW").unwrap()).name(),
            "_OTHER"
        );
    }
}
