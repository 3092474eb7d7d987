//! The URL of a database on a server.

/// The parameters of a URL, as they are written.
pub(crate) fn parameters(url: &str) -> impl Iterator<Item = (&str, &str)> {
    url.split_once('?')
        .map_or("", |(_, parameters)| parameters)
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
}

/// Refuses a URL without a database, or with parameters that would have no effect.
///
/// # Errors
///
/// A sentence that says what is wrong with it.
pub(crate) fn check(url: &str, allowed: &[&str]) -> Result<(), String> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    if rest.is_empty() {
        return Err(
            "it names no host: write `<scheme>://<user>:<password>@<host>/<database>`".into(),
        );
    }
    let path = rest.split('?').next().unwrap_or_default();
    if path.split_once('/').is_none_or(|(_, name)| name.is_empty()) {
        return Err("it names no database: it ends with `/<name>`".into());
    }
    match parameters(url).find(|(key, _)| !allowed.contains(key)) {
        Some((key, _)) => Err(format!("it has no parameter `{key}`")),
        None => Ok(()),
    }
}

/// What a driver says about a URL. It may quote a value, never the password.
pub(crate) fn refused(error: sqlx::Error) -> String {
    let words = match error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    };
    match words.as_str() {
        "invalid port number" => {
            "its port is no number; in a password, write `/` as `%2F`, `#` as `%23`, `?` as `%3F` and `@` as `%40`".into()
        }
        _ => words,
    }
}
