//! The names that nearly every file of a service uses: `use atlas::prelude::*;`.

pub use crate::core::{App, Error, Lifecycle, Module, Result, Shutdown};
// the trait and its derive, under one name
pub use crate::Component;
