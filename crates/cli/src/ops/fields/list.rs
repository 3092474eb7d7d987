//! All fields of an entity.

use std::collections::BTreeMap;

use super::{Field, FieldKind};
use crate::{Error, Result};

/// The fields of an entity, in the order of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Reads the fields of a command line.
    ///
    /// # Errors
    /// The first field that is wrong, or two that cannot be told apart.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut fields: Vec<Field> = Vec::new();
        let mut columns = BTreeMap::new();
        for text in texts {
            let text = text.as_ref();
            let field = Field::parse(text)?;
            let name = field.name.snake();
            let parts: &[&str] = match field.kind {
                FieldKind::Money => &["_units", "_nanos", "_currency"],
                _ => &[""],
            };
            for part in parts {
                // `Column::A1` stands for `a1` and for `a_1`
                let column = format!("{}{}", field.name.snake(), part);
                let variant = column.replace('_', "");
                if let Some(other) = columns.insert(variant, name.clone()) {
                    let what = if other == name {
                        format!("there are two fields `{name}`")
                    } else {
                        format!("fields `{other}` and `{name}` have the same column")
                    };
                    return Err(Error::usage(what)
                        .place(format!("`{text}`"))
                        .help("give one of them another name"));
                }
            }
            fields.push(field);
        }
        if fields.len() > 60 {
            return Err(Error::usage(format!(
                "{} fields are too many for one entity",
                fields.len()
            ))
            .help("split it into several modules of at most 60 fields"));
        }
        Ok(Self(fields))
    }

    /// The fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.0.iter()
    }

    /// Whether any field has this type.
    #[must_use]
    pub fn any(&self, kind: FieldKind) -> bool {
        self.0.iter().any(|field| field.kind == kind)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn fields_read_back_as_they_were_written() {
        let line = "name:string:unique total:decimal paid:bool note:text? placed_at:datetime?:index price:money";
        let fields = Fields::parse(line.split(' ')).unwrap();
        let again: Vec<String> = fields.iter().map(ToString::to_string).collect();
        assert_eq!(again.join(" "), line);
    }

    #[test]
    fn a_wrong_field_is_refused_with_the_way_out() {
        for (line, why, help) in [
            ("name", "field `name` has no type", "`name:string`"),
            (":string", "it is empty", "`name:string`"),
            ("name:", "no field type ``", "the types are"),
            (
                "name:strng",
                "no field type `strng`",
                "did you mean `string`?",
            ),
            ("name:integer", "no field type", "did you mean `int`?"),
            ("price:float", "no field type `float`", "take `decimal`"),
            ("type:string", "keyword of Rust", "`kind`"),
            ("id:uuid", "has one already", "--key"),
            ("na me:string", "letters, digits", "shipped_at"),
            ("1st:string", "letters, digits", "shipped_at"),
            (
                "name:string:uniq",
                "no modifier `uniq`",
                "`unique` and `index`",
            ),
            ("name:string:optional", "no modifier", "`name:string?`"),
            (
                "note:text:index",
                "cannot be `unique` or `index`",
                "`string`",
            ),
            ("a:int a:int", "two fields `a`", "another name"),
            (
                "a1:int a_1:int",
                "`a1` and `a_1` have the same column",
                "another name",
            ),
            (
                "price:money price_units:int",
                "have the same column",
                "another name",
            ),
        ] {
            let error = Fields::parse(
                line.split(' ')
                    .filter(|_| !line.starts_with("na "))
                    .chain(line.starts_with("na ").then_some(line)),
            )
            .unwrap_err()
            .to_string();
            assert!(error.contains(why), "{line}: {error}");
            assert!(error.contains(help), "{line}: {error}");
        }
    }
}
