//! PostgreSQL copies databases itself.

pub(super) fn create(name: &str) -> String {
    format!(r#"CREATE DATABASE "{name}""#)
}

/// Nobody may connect to a template, since it cannot be copied while somebody is.
pub(super) fn close(template: &str) -> String {
    format!(r#"ALTER DATABASE "{template}" ALLOW_CONNECTIONS false"#)
}

pub(super) fn copy(template: &str, name: &str) -> String {
    format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY {STRATEGY}"#)
}

/// Copies files, which takes half the time of copying through the log on a server that does not flush them.
const STRATEGY: &str = "file_copy";

pub(super) fn drop(name: &str) -> String {
    format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#)
}
