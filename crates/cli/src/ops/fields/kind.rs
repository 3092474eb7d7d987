//! The types a field may have.

use crate::{Error, Result};

/// The type of a field, the same on every database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// A line of text, at most 255 letters.
    String,
    /// Text of any length.
    Text,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Bigint,
    /// An exact number with four decimal places, a string in JSON.
    Decimal,
    /// Yes or no.
    Bool,
    /// A day, without a time zone.
    Date,
    /// A moment, in UTC.
    Datetime,
    /// A UUID that something else assigned.
    Uuid,
    /// Any JSON value.
    Json,
    /// An amount in a currency: units and nanos, never a float.
    Money,
}

impl FieldKind {
    /// All of them, in the order of the help page.
    pub const ALL: [Self; 11] = [
        Self::String,
        Self::Text,
        Self::Int,
        Self::Bigint,
        Self::Decimal,
        Self::Bool,
        Self::Date,
        Self::Datetime,
        Self::Uuid,
        Self::Json,
        Self::Money,
    ];

    /// As it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Int => "int",
            Self::Bigint => "bigint",
            Self::Decimal => "decimal",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Uuid => "uuid",
            Self::Json => "json",
            Self::Money => "money",
        }
    }

    /// Finds a type by its name.
    ///
    /// # Errors
    /// When there is no such type; says which one is meant.
    pub fn parse(name: &str, field: &str) -> Result<Self> {
        if let Some(kind) = Self::ALL.into_iter().find(|kind| kind.name() == name) {
            return Ok(kind);
        }
        let error = Error::usage(format!("no field type `{name}`")).place(format!("`{field}`"));
        let meant = match name.to_lowercase().as_str() {
            "float" | "double" | "real" | "f32" | "f64" => {
                return Err(error.help(
                    "floats lose cents: take `decimal`, or `money` for an amount in a currency",
                ));
            }
            "str" | "varchar" | "char" => Some("string"),
            "integer" | "i32" | "u32" | "number" | "smallint" => Some("int"),
            "long" | "i64" | "u64" | "int8" => Some("bigint"),
            "boolean" => Some("bool"),
            "numeric" | "dec" => Some("decimal"),
            "timestamp" | "time" | "datetimetz" => Some("datetime"),
            "jsonb" | "object" | "map" => Some("json"),
            "guid" => Some("uuid"),
            lower => closest(lower),
        };
        let all: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
        let error = match meant {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None => error,
        };
        Err(error.help(format!("the types are {}", all.join(", "))))
    }
}

/// The type at most two letters away.
fn closest(name: &str) -> Option<&'static str> {
    FieldKind::ALL
        .iter()
        .map(|kind| (distance(name, kind.name()), kind.name()))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, kind)| kind)
}

/// How many letters must change to make `a` into `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
