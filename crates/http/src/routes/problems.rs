//! What is wrong with the routes of an API, found before the first request.

use std::fmt;

use atlas_core::Diagnostic;

/// Everything that keeps the routes from being served together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiErrors(pub(super) Vec<String>);

impl ApiErrors {
    /// One text for each problem.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for ApiErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "the routes cannot be served: {count} {noun}")?;
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiErrors {}

/// What ends the start of an app: A301.
impl From<ApiErrors> for Diagnostic {
    fn from(errors: ApiErrors) -> Self {
        Self::new("A301", errors.to_string())
    }
}
