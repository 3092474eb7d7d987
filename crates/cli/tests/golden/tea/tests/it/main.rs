//! The tea house, booted for real.

mod catalog;
mod support;
