//! What is said about wrong values, from schemas that real types derive.

mod choices;
mod rules;
mod serde_agrees;
mod suggestions;
mod support;
