//! Values that know their place in a file.

use std::fmt;

use serde_json::{Map, Value as Json};

/// A place in a text; both count from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value, and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Value(Json),
    List(Vec<Node>),
    Table(Vec<Member>),
}

/// A named value of a table.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) at: Position,
    pub(crate) value: Node,
}

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) at: Position,
    pub(crate) problem: String,
}

impl Node {
    pub(crate) fn into_json(self) -> Json {
        match self.content {
            Content::Value(json) => json,
            Content::List(items) => items.into_iter().map(Self::into_json).collect(),
            Content::Table(members) => {
                let members = members.into_iter();
                Json::Object(
                    members
                        .map(|it| (it.name, it.value.into_json()))
                        .collect::<Map<_, _>>(),
                )
            }
        }
    }
}

/// Turns offsets of bytes into places.
pub(super) struct Lines<'a> {
    text: &'a str,
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            begins: std::iter::once(0).chain(ends).collect(),
        }
    }

    pub(super) fn at(&self, byte: usize) -> Position {
        let line = self.begins.partition_point(|begin| *begin <= byte).max(1);
        let begin = self.begins[line - 1];
        let before = self.text.get(begin..byte).unwrap_or_default();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }
}
