//! What a service may be called.

use std::fmt;

use super::{Words, reserved};
use crate::{Error, Result};

/// The name of a service: of its package, its binary, its folder and the app inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName(String);

impl ServiceName {
    /// Checks a name: small letters, digits and single `-` or `_` between them, a letter first, at most 64.
    ///
    /// # Errors
    /// What is wrong with the name and, where there is one, a name that would do.
    pub fn parse(name: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Err(
                Error::usage(format!("`{name}` cannot be the name of a service: {why}"))
                    .place("NAME"),
            )
        };
        let suggestion = |error: Result<Self>| match (error, Words::of(name).kebab()) {
            (Err(error), kebab) if kebab != name && Self::parse(&kebab).is_ok() => {
                Err(error.help(format!("call it `{kebab}`")))
            }
            (Err(error), _) => {
                Err(error.help("take small letters, digits and `-`, for example `my-shop`"))
            }
            (fine, _) => fine,
        };
        if name.is_empty() {
            return wrong("it is empty")
                .map_err(|error| error.help("for example `atlas new shop`"));
        }
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            return wrong("a Rust crate cannot begin with a digit")
                .map_err(|error| error.help("put a word before it, for example `shop-2`"));
        }
        if name.len() > 64 {
            return wrong("it is longer than 64 letters");
        }
        if let Some(letter) = name
            .chars()
            .find(|it| !matches!(it, 'a'..='z' | '0'..='9' | '-' | '_'))
        {
            return suggestion(wrong(&format!("it contains `{letter}`")));
        }
        if name.split(['-', '_']).any(str::is_empty) {
            return suggestion(wrong("`-` and `_` stand singly, between letters or digits"));
        }
        let snake = name.replace('-', "_");
        if reserved::is_keyword(&snake) {
            return wrong("it is a keyword of Rust")
                .map_err(|error| error.help(format!("call it `{name}-service`")));
        }
        if let Some(by) = reserved::of_crate(&snake) {
            return wrong(&format!("it is {by}"))
                .map_err(|error| error.help(format!("call it `{name}-service`")));
        }
        Ok(Self(name.to_owned()))
    }

    /// As it was given: `my-shop`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The crate in Rust: `my_shop`.
    #[must_use]
    pub fn krate(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The beginning of a sentence and of a title: `My shop`.
    #[must_use]
    pub fn title(&self) -> String {
        Words::of(&self.0).sentence()
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceName;

    #[test]
    fn good_names_are_taken_as_they_are() {
        for name in ["shop", "my-shop", "my_shop", "a", "shop2", "a-1"] {
            assert_eq!(ServiceName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(ServiceName::parse("my-shop").unwrap().krate(), "my_shop");
        assert_eq!(ServiceName::parse("my-shop").unwrap().title(), "My shop");
    }

    #[test]
    fn a_bad_name_is_refused_with_the_reason_and_a_better_one() {
        for (name, why, better) in [
            ("", "it is empty", "atlas new shop"),
            ("2shop", "begin with a digit", "`shop-2`"),
            ("MyShop", "it contains `M`", "`my-shop`"),
            ("my shop", "it contains ` `", "`my-shop`"),
            ("../shop", "it contains `.`", "`my-shop`"),
            ("größe", "it contains `ö`", "small letters"),
            ("my--shop", "stand singly", "`my-shop`"),
            ("-shop", "stand singly", "`shop`"),
            ("shop-", "stand singly", "`shop`"),
            ("async", "keyword of Rust", "`async-service`"),
            ("gen", "keyword of Rust", "`gen-service`"),
            ("std", "a crate of Rust", "`std-service`"),
            ("serde", "depends on", "`serde-service`"),
            ("sea-orm", "depends on", "`sea-orm-service`"),
            ("build", "cargo's", "`build-service`"),
            ("atlas", "the framework", "`atlas-service`"),
        ] {
            let error = ServiceName::parse(name).unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
            assert!(error.contains(better), "{name}: {error}");
        }
        assert!(ServiceName::parse(&"a".repeat(65)).is_err());
    }
}
