//! Names of services, modules and fields: what is allowed, and how one name looks in Rust, SQL and URLs.
//!
//! Every name is checked where it enters, so that generated code cannot fail to compile because of one.

mod module;
mod noun;
mod reserved;
mod service;
mod words;

pub(crate) use self::reserved::is_keyword;
pub use self::{module::ModuleName, noun::singular, service::ServiceName, words::Words};
