//! What a job shall be.

use crate::{
    Error, Result,
    ops::{
        fields::{FieldKind, Fields},
        names::{Words, is_keyword},
    },
};

/// Everything `atlas generate job` must know.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The feature that it belongs to, which is there already.
    pub feature: Words,
    /// What it is called: its kind, and its function.
    pub name: Words,
    /// What it says.
    pub fields: Fields,
}

impl NewJob {
    /// Checks the names and the fields.
    ///
    /// # Errors
    /// What is wrong with them, and the way out.
    pub fn parse(feature: &str, name: &str, fields: Fields) -> Result<Self> {
        let new = Self {
            feature: words(feature, "a feature", "FEATURE", "orders")?,
            name: words(name, "a job", "NAME", "send_receipt")?,
            fields,
        };
        for field in new.fields.iter() {
            let field_name = field.name.snake();
            if matches!(field.kind, FieldKind::Decimal | FieldKind::Money) {
                return Err(Error::usage(format!(
                    "a job has no field of the type `{}`",
                    field.kind.name()
                ))
                .place(format!("`{field}`"))
                .help(format!(
                    "jobs name things and find them when they run: `{field_name}_id:uuid`"
                )));
            }
            if field.index || field.unique && field.optional {
                return Err(Error::usage(format!("a job cannot have `{field}`"))
                    .place(format!("`{field}`"))
                    .help("`:unique` on a field that is always there: at most one unfinished job with its value")
                    .help("nothing is searched by the fields of jobs, so they have no `:index`"));
            }
        }
        if new.fields.iter().filter(|field| field.unique).count() > 1 {
            return Err(Error::usage("a job is unique by one field at most")
                .help("write `.unique(format!(…))` of several by hand, in `options`"));
        }
        Ok(new)
    }

    /// The arguments on the command line that make the same job.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.feature.snake(), self.name.snake()];
        arguments.extend(self.fields.iter().map(ToString::to_string));
        arguments
    }
}

/// The words of a name that can be an identifier of Rust.
pub(super) fn words(name: &str, what: &str, place: &str, example: &str) -> Result<Words> {
    let wrong = |why: &str| {
        Err(
            Error::usage(format!("`{name}` cannot be the name of {what}: {why}"))
                .place(place)
                .help(format!("for example `{example}`")),
        )
    };
    let is_letter = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || !name.chars().all(is_letter)
    {
        return wrong("it is not made of letters, digits and `_`, a letter first");
    }
    if name.len() > 80 {
        return wrong("it is longer than 80 letters");
    }
    let words = Words::of(name);
    if is_keyword(&words.snake()) {
        return wrong("it is a keyword of Rust");
    }
    // the types that the file itself uses
    if [
        "Job", "Options", "Run", "Duration", "Result", "String", "Option", "Value", "Uuid",
    ]
    .contains(&words.camel().as_str())
    {
        return wrong("its type would hide another one that the file uses");
    }
    Ok(words)
}
