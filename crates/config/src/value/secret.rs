//! Values that must not be seen.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that never prints: `Debug`, `Display` and `Serialize` all give `***`.
///
/// Only [`expose`](Self::expose) hands it out, so that every use can be found by searching for one word. In the schema it
/// is `writeOnly`, which keeps it out of `config show`, `config explain` and every error. There is no `PartialEq`: a
/// comparison that stops at the first different byte tells an attacker how far he got.
///
/// ```
/// use atlas_config::Secret;
///
/// let key = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{key} {key:?}"), "*** ***");
/// assert_eq!(key.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Take care where it goes.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, out of its cover.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if EXPOSED.get() {
            self.0.serialize(serializer)
        } else {
            serializer.serialize_str("***")
        }
    }
}

impl<T: JsonSchema> JsonSchema for Secret<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Secret_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        schema.insert("writeOnly".to_owned(), true.into());
        schema
    }
}

thread_local! {
    /// Whether secrets serialize as themselves on this thread, see [`exposed`].
    static EXPOSED: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` with secrets serializing as themselves: how the built-in defaults of a section become a layer.
pub(crate) fn exposed<R>(work: impl FnOnce() -> R) -> R {
    struct Cover(bool);
    impl Drop for Cover {
        fn drop(&mut self) {
            EXPOSED.set(self.0);
        }
    }
    // put back even if a section's `Serialize` panics
    let _cover = Cover(EXPOSED.replace(true));
    work()
}
