//! Where values come from, and how each source is read.

mod dotenv;
mod file;
mod key;
mod origin;
mod position;
mod tree;
mod variable;

pub(crate) use self::dotenv::Entry;
pub(crate) use self::key::{join, parse_key, pointer_segments, quoted};
pub use self::origin::{Layer, Origin};
pub(crate) use self::tree::{Content, Node};
pub use self::variable::Variable;
pub(crate) use self::variable::{PREFIX, RESERVED, name_of};
pub(crate) use self::{
    dotenv::read as read_dotenv, file::inline as inline_toml, file::read as read_file,
};
