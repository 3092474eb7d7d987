//! What the commands `config show`, `config explain` and `config reference` print, as text and as data.

mod commented;
mod explain;
mod json_schema;
mod markdown;
mod reference;
mod show;

pub use self::explain::{Explanation, Shadowed, UnknownKey};
pub use self::reference::{Reference, ReferenceKey, ReferenceSection};
pub use self::show::{Shown, ShownKey};
