//! Edits of a person's Rust files by parsed spans.
//!
//! The file is parsed, the place is found in the tree, text is inserted or cut at its byte offset, and every
//! other byte stays: comments, blank lines, line ends, odd formatting. An insertion is kept only if the result
//! parses and the opposite edit gives back the very same bytes; otherwise, and whenever the shape is not the
//! one that is known, the answer is [`Edit::Unknown`] and the file is left to its owner.
//!
//! ```
//! use atlas_cli::ops::edit::{Edit, ModLine};
//!
//! let lib = "mod catalog; // the products\nmod stock;\n";
//! let line = ModLine::private("orders");
//! let Edit::Changed(edited) = line.insert(lib) else { panic!("the shape is known") };
//! assert_eq!(edited, "mod catalog; // the products\nmod orders;\nmod stock;\n");
//! assert_eq!(line.remove(&edited), Edit::Changed(lib.to_owned()));
//! ```

mod chain;
mod mods;
mod outcome;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use self::source::Source;
pub use self::{chain::ChainCall, mods::ModLine, outcome::Edit};
