//! What a module shall be.

use crate::{
    Error, Result,
    ops::{
        fields::{Fields, Key},
        generate::Day,
        names::ModuleName,
    },
};

/// Everything `atlas generate module` must know.
#[derive(Clone, Debug)]
pub struct NewModule {
    /// What it and its entity are called.
    pub name: ModuleName,
    /// What the entity has.
    pub fields: Fields,
    /// What identifies one.
    pub key: Key,
    /// The day its migration is named after.
    pub day: Day,
}

impl NewModule {
    /// The arguments on the command line that make the same module.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.name.module.snake()];
        arguments.extend(self.fields.iter().map(ToString::to_string));
        if self.key != Key::default() {
            arguments.extend(["--key".to_owned(), self.key.name().to_owned()]);
        }
        if self.name.entity != self.name.module.singular() {
            arguments.extend(["--entity".to_owned(), self.name.entity.snake()]);
        }
        arguments
    }

    /// Reads such arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_arguments(arguments: &[String], day: Day) -> Result<Self> {
        let mut arguments = arguments.iter();
        let name = arguments
            .next()
            .ok_or_else(|| Error::usage("the module has no name"))?;
        let (mut key, mut entity, mut fields) = (Key::default(), None, Vec::new());
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--key" => key = Key::parse(arguments.next().map_or("", String::as_str))?,
                "--entity" => entity = arguments.next(),
                field => fields.push(field),
            }
        }
        Ok(Self {
            name: ModuleName::parse(name, entity.map(String::as_str))?,
            fields: Fields::parse(fields)?,
            key,
            day,
        })
    }
}
