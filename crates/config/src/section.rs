//! Typed parts of the configuration.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use atlas_core::{Component, Module};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::order::Order;
use crate::problem::ConfigErrors;
use crate::problems::Problems;
use crate::profile::Profile;
use crate::settings::Settings;
use crate::shape::{Shape, close};
use crate::value::exposed;

/// A typed part of the configuration under a name of its own: `http` has the keys `http.port`, `http.host`, ….
///
/// Its doc comments become the reference, its schema the rules. A key without a default that nobody sets is an error, and
/// so is a key that the type does not have: `deny_unknown_fields` is not needed.
///
/// ```
/// use atlas_config::{Problems, Profile, Section};
/// use atlas_core::Component;
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// /// How mail is sent.
/// #[derive(Clone, Serialize, Deserialize, JsonSchema)]
/// struct MailConfig {
///     /// The server that takes the mail.
///     host: String,
///     /// Letters sent at the same time.
///     #[schemars(range(min = 1, max = 100))]
///     workers: u8,
/// }
///
/// impl Component for MailConfig {}
/// impl Section for MailConfig {
///     const NAME: &'static str = "mail";
///
///     fn defaults(profile: Profile) -> Option<Self> {
///         let workers = if profile.is_production() { 8 } else { 1 };
///         Some(Self { host: "localhost".to_owned(), workers })
///     }
///
///     fn check(&self, problems: &mut Problems) {
///         if problems.profile().is_production() && self.host == "localhost" {
///             problems.add("host", "is this machine, which sends no mail", "name the mail server of your network");
///         }
///     }
/// }
/// ```
pub trait Section: Component + Serialize + DeserializeOwned + JsonSchema {
    /// The name of the section: lower case letters, digits and `_`.
    const NAME: &'static str;

    /// The built-in values for a profile. Serializing gives the weakest layer; an `Option` that is `None` has no default.
    ///
    /// Without it, the serde defaults of the fields are used (`#[serde(default)]`), so a key that must be given is a
    /// field without one.
    fn defaults(profile: Profile) -> Option<Self> {
        let _ = profile;
        None
    }

    /// Rules that a schema cannot say: between keys, or for one profile. Called when every key alone is good.
    fn check(&self, problems: &mut Problems) {
        let _ = problems;
    }

    /// Secrets that the world knows, such as those of the example configuration; refused in production for any secret
    /// of the section, together with the usual ones (`changeme`, `password`, …) and the defaults of other profiles.
    fn known_secrets() -> &'static [&'static str] {
        &[]
    }
}

/// The module that provides the section `T`, read and checked together with all other sections.
#[must_use]
pub fn section<T: Section>() -> Module {
    Module::new(T::NAME)
        .contribute(Description::of::<T>)
        .provide(read::<T>)
}

fn read<T: Section>(settings: Settings) -> Result<T, ConfigErrors> {
    settings.section::<T>()
}

/// What is known of a section without its type: name, schema, defaults and checks.
#[derive(Clone)]
pub struct Description(Arc<Inner>);

struct Inner {
    name: &'static str,
    type_name: &'static str,
    schema: Schema,
    defaults: fn(Profile) -> Option<Value>,
    order: fn() -> Order,
    build: Build,
    known_secrets: &'static [&'static str],
}

/// Makes the section of its values and asks it what else is wrong.
type Build = fn(Value, &mut Problems) -> Result<Box<dyn Any + Send + Sync>, serde_json::Error>;

impl Component for Description {}

impl Description {
    /// Describes a section.
    #[must_use]
    pub fn of<T: Section>() -> Self {
        let mut schema = SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator()
            .into_root_schema_for::<T>();
        close_schema(&mut schema);
        Self(Arc::new(Inner {
            name: T::NAME,
            type_name: std::any::type_name::<T>(),
            schema,
            defaults: built_in::<T>,
            order: order::<T>,
            build: build::<T>,
            known_secrets: T::known_secrets(),
        }))
    }

    /// The name of the section.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The schema of the section, every object closed to names it does not know.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The Rust type, for messages only.
    pub(crate) fn type_name(&self) -> &'static str {
        self.0.type_name
    }

    pub(crate) fn shape(&self) -> Shape<'_> {
        Shape::of(&self.0.schema)
    }

    pub(crate) fn known_secrets(&self) -> &'static [&'static str] {
        self.0.known_secrets
    }

    /// The weakest layer for a profile, secrets as they are.
    pub(crate) fn defaults(&self, profile: Profile) -> Value {
        if let Some(values) = (self.0.defaults)(profile) {
            return values;
        }
        let properties = self.shape().properties().into_iter();
        let named = properties.filter(|(_, shape)| !shape.is_secret());
        Value::Object(
            named
                .filter_map(|(name, shape)| Some((name.to_owned(), shape.default()?.clone())))
                .collect(),
        )
    }

    /// The order in which the type declares its keys.
    pub(crate) fn order(&self) -> Order {
        (self.0.order)()
    }

    pub(crate) fn build(
        &self,
        values: Value,
        problems: &mut Problems,
    ) -> Result<Box<dyn Any + Send + Sync>, serde_json::Error> {
        (self.0.build)(values, problems)
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Description").field(&self.0.name).finish()
    }
}

fn close_schema(schema: &mut Schema) {
    let mut rules = std::mem::take(schema.ensure_object());
    // the name of a Rust type says nothing to one who writes TOML
    rules.remove("title");
    rules.remove("$schema");
    let mut value = Value::Object(rules);
    close(&mut value);
    if let Value::Object(rules) = value {
        *schema = rules.into();
    }
}

fn built_in<T: Section>(profile: Profile) -> Option<Value> {
    exposed(|| serde_json::to_value(values::<T>(profile)?).ok())
}

/// What the section itself says, by its own word or by that of serde.
fn values<T: Section>(profile: Profile) -> Option<T> {
    let nothing = || Value::Object(serde_json::Map::new());
    T::defaults(profile).or_else(|| serde_json::from_value(nothing()).ok())
}

fn order<T: Section>() -> Order {
    let some = Profile::ALL.into_iter().find_map(values::<T>);
    let json = some.and_then(|it| serde_json::to_string(&it).ok());
    json.map_or_else(Order::default, |json| Order::of(&json))
}

fn build<T: Section>(
    values: Value,
    problems: &mut Problems,
) -> Result<Box<dyn Any + Send + Sync>, serde_json::Error> {
    let section: T = serde_json::from_value(values)?;
    section.check(problems);
    Ok(Box::new(section))
}
