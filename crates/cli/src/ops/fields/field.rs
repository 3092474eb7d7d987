//! One field.

use std::fmt;

use super::FieldKind;
use crate::{
    Error, Result,
    ops::names::{Words, is_keyword},
};

/// What an entity has one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Words,
    /// Its type.
    pub kind: FieldKind,
    /// Whether it may be absent (`?`).
    pub optional: bool,
    /// Whether no two entities have the same value (`:unique`).
    pub unique: bool,
    /// Whether the database keeps an index over it (`:index`).
    pub index: bool,
}

impl Field {
    /// Reads `name:type`, `name:type?`, `name:type:unique` or `name:type:index`.
    ///
    /// # Errors
    /// What is wrong with it, and how it is written.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: String| Error::usage(why).place(format!("`{text}`"));
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let Some(kind) = parts.next() else {
            return Err(wrong(format!("field `{text}` has no type")).help(format!(
                "write it as `{}:string`",
                if name.is_empty() { "name" } else { name }
            )));
        };
        let (kind, optional) = match kind.strip_suffix('?') {
            Some(kind) => (kind, true),
            None => (kind, false),
        };
        let mut field = Self {
            name: column(name, text)?,
            kind: FieldKind::parse(kind, text)?,
            optional,
            unique: false,
            index: false,
        };
        for modifier in parts {
            match modifier {
                "unique" => field.unique = true,
                "index" => field.index = true,
                "?" | "optional" | "null" => {
                    return Err(wrong(format!("no modifier `{modifier}`")).help(format!(
                        "a field that may be absent has a `?` after its type: `{name}:{kind}?`"
                    )));
                }
                _ => {
                    return Err(wrong(format!("no modifier `{modifier}`"))
                        .help("the modifiers are `unique` and `index`"));
                }
            }
        }
        if (field.unique || field.index)
            && matches!(
                field.kind,
                FieldKind::Text | FieldKind::Bool | FieldKind::Json | FieldKind::Money
            )
        {
            return Err(wrong(format!("a field of type `{kind}` cannot be `unique` or `index`"))
                .help("databases index values of bounded size: take `string` for a text that must be found"));
        }
        Ok(field)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.kind.name())?;
        for (is, text) in [
            (self.optional, "?"),
            (self.unique, ":unique"),
            (self.index, ":index"),
        ] {
            f.write_str(if is { text } else { "" })?;
        }
        Ok(())
    }
}

fn column(name: &str, text: &str) -> Result<Words> {
    let wrong = |why: &str| {
        Error::usage(format!("`{name}` cannot be the name of a field: {why}"))
            .place(format!("`{text}`"))
    };
    let words = Words::of(name);
    let snake = words.snake();
    if name.is_empty() {
        return Err(wrong("it is empty").help("write it as `name:string`"));
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic())
        || !name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-')
    {
        return Err(
            wrong("it is not made of letters, digits and `_`, a letter first")
                .help("for example `shipped_at:datetime`"),
        );
    }
    if snake.len() > 48 {
        return Err(wrong("it is longer than 48 letters")
            .help("indexes are named after it, and databases allow 63 letters for these"));
    }
    if is_keyword(&snake) {
        let instead = match snake.as_str() {
            "type" => "kind",
            "ref" => "reference",
            "in" => "within",
            "use" => "usage",
            "box" => "package",
            "final" => "is_final",
            "abstract" => "summary",
            _ => "another word",
        };
        return Err(wrong("it is a keyword of Rust").help(format!("call it `{instead}`")));
    }
    if snake == "id" {
        return Err(wrong("every entity has one already").help("choose its type with `--key`"));
    }
    Ok(words)
}
