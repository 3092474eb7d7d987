//! Records in files, read into types of the application.

use serde::de::DeserializeOwned;

/// Why a file of records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The JSON text is malformed or has another shape; the message has line and column.
    #[error("malformed JSON records: {0}")]
    Json(#[from] serde_json::Error),
    /// The TOML text is malformed or has another shape; the message shows the place.
    #[error("malformed TOML records: {0}")]
    Toml(#[from] toml::de::Error),
    /// The YAML text is malformed, with its line and column, or has another shape.
    #[cfg(feature = "yaml")]
    #[error("malformed YAML records: {0}")]
    Yaml(String),
}

/// Reads records from JSON: `json::<Vec<Record>>(include_str!("../seeds/products.json"))`.
///
/// # Errors
///
/// When the text is malformed or does not fit the type, with line and column.
pub fn json<T: DeserializeOwned>(text: &str) -> Result<T, RecordsError> {
    Ok(serde_json::from_str(text)?)
}

/// Reads records from TOML, whose top level is a table: `[[products]]` fits a struct with a field `products`.
///
/// # Errors
///
/// When the text is malformed or does not fit the type, with the place.
pub fn toml<T: DeserializeOwned>(text: &str) -> Result<T, RecordsError> {
    Ok(toml::from_str(text)?)
}

/// Reads records from YAML 1.2.
///
/// # Errors
///
/// When the text is malformed, with line and column, or does not fit the type.
#[cfg(feature = "yaml")]
pub fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, RecordsError> {
    let node = super::records::yaml::read(text)
        .map_err(|flaw| RecordsError::Yaml(format!("{} at {}", flaw.problem, flaw.at)))?;
    serde_json::from_value(node.into_json()).map_err(|error| RecordsError::Yaml(error.to_string()))
}
