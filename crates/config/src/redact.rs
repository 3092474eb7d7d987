//! Values as they may be shown.

use std::ops::Range;

use serde_json::Value;

use crate::shape::Shape;

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "***";

/// Last words of keys that hold secrets, whatever their type says.
const TELLING: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "private_key",
    "secret_key",
    "credentials",
];

/// Schemes of servers, whose URLs hold passwords even where the slashes are wrong.
const SERVERS: [&str; 11] = [
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mongodb",
    "http",
    "https",
];

/// A value as it may be shown: secrets are hidden, by schema, by the name of their key, and as the password of a URL.
pub(crate) fn redacted(value: &Value, shape: Option<Shape<'_>>, name: &str) -> Value {
    if shape.is_some_and(Shape::is_secret) || (is_telling(name) && may_be_secret(value)) {
        return if value.is_null() {
            Value::Null
        } else {
            Value::from(HIDDEN)
        };
    }
    match value {
        Value::String(text) => Value::String(without_password(text)),
        Value::Array(items) => {
            let shape = shape.and_then(Shape::items);
            Value::Array(items.iter().map(|item| redacted(item, shape, "")).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| {
                    (
                        name.clone(),
                        redacted(member, shape.and_then(|it| it.member(name)), name),
                    )
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Whether it may be a secret by its kind: `credentials = true` is none, and a table is looked at key by key.
fn may_be_secret(value: &Value) -> bool {
    !value.is_boolean() && !value.is_object()
}

fn is_telling(name: &str) -> bool {
    let name = name.replace('-', "_").to_lowercase();
    TELLING.iter().any(|word| {
        name == *word
            || name
                .strip_suffix(word)
                .is_some_and(|rest| rest.ends_with('_'))
    })
}

/// The password in `scheme://user:password@host/…`, which may hold `/`, `?`, `#` and `@`.
pub(crate) fn password_in_url(text: &str) -> Option<&str> {
    let scheme = text.split(':').next().unwrap_or_default();
    let password = &text[password(text)?];
    // the port of a web address whose path holds an `@`
    let port = password.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = port.len() < password.len() && port.bytes().all(|it| it.is_ascii_digit());
    let is_web = matches!(scheme.trim().to_lowercase().as_str(), "http" | "https");
    (!(is_web && is_port)).then_some(password)
}

/// Where the password of a server's URL stands: from the first colon behind the scheme to the last `@`.
fn password(text: &str) -> Option<Range<usize>> {
    let (scheme, rest) = text.split_once(':')?;
    let scheme = scheme.trim().to_lowercase();
    if !is_server(&scheme, rest) {
        return None;
    }
    let start = text.len() - rest.trim_start_matches('/').len();
    let end = text.rfind('@').filter(|end| *end > start)?;
    let colon = start + text[start..end].find(':')? + 1;
    (colon < end).then_some(colon..end)
}

/// Says whether it is the URL of a server, as opposed to a file and to other text.
fn is_server(scheme: &str, rest: &str) -> bool {
    SERVERS.contains(&scheme) || (rest.starts_with("//") && !matches!(scheme, "sqlite" | "file"))
}

/// A URL as it may be shown: no password, and no secret of its query. Where the parts of a URL cannot be told apart, more is
/// hidden rather than less; files, as in `sqlite://data/a@b.sqlite`, and other text stay.
pub fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text.to_owned();
    };
    let scheme = scheme.trim().to_lowercase();
    if !is_server(&scheme, rest) {
        return text.to_owned();
    }
    let mut hidden: Vec<(usize, usize)> = password(text)
        .map(|it| (it.start, it.end))
        .into_iter()
        .collect();
    for (mark, _) in text.match_indices(['?', '&']) {
        let parameter = text[mark + 1..].split('&').next().unwrap_or_default();
        if let Some((key, value)) = parameter.split_once('=')
            && !value.is_empty()
            && is_telling_key(key)
        {
            let end = mark + 1 + parameter.len();
            hidden.push((end - value.len(), end));
        }
    }
    hidden.sort_unstable();
    let mut shown = String::new();
    let mut done = 0;
    for (from, to) in hidden {
        if from >= done {
            shown.push_str(&text[done..from]);
            shown.push_str(HIDDEN);
        }
        done = done.max(to);
    }
    shown + &text[done..]
}

fn is_telling_key(key: &str) -> bool {
    let key = key.to_lowercase();
    is_telling(&key)
        || ["password", "pwd", "secret", "token"]
            .iter()
            .any(|word| key.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::{password_in_url, without_password};

    #[test]
    fn a_url_shows_no_password_wherever_it_stands() {
        for (url, shown) in [
            (
                "postgres://shop:pa/ss@db/shop",
                "postgres://shop:***@db/shop",
            ),
            (
                "postgres://shop:p?s#s@db/shop",
                "postgres://shop:***@db/shop",
            ),
            ("postgres:/u:p@h/db", "postgres:/u:***@h/db"),
            (
                "mysql://h/db?password=a&x=1",
                "mysql://h/db?password=***&x=1",
            ),
            ("mysql://h/db?x=1&pwd=a", "mysql://h/db?x=1&pwd=***"),
            (
                "https://h/?token=a&secret=b",
                "https://h/?token=***&secret=***",
            ),
            ("postgres://u@h:1/d?password=a@b", "postgres://u@h:***"),
            ("postgres://u@h:5432/db", "postgres://u@h:5432/db"),
            ("sqlite://data/a@b.sqlite", "sqlite://data/a@b.sqlite"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_password_ends_at_the_last_at_sign_whatever_it_holds() {
        for (url, password) in [
            ("postgres://shop:pa/ss@db/shop", Some("pa/ss")),
            ("postgres://shop:p?s#s@db/shop", Some("p?s#s")),
            ("postgres://shop:1/2@db/shop", Some("1/2")),
            ("postgres://shop:a@b@db/shop", Some("a@b")),
            ("postgres://shop:@db/shop", None),
            ("postgres://shop@db:5432/shop", None),
            ("https://user:secret@host/", Some("secret")),
            ("https://host:8080/@scope/package", None),
            ("sqlite://data/a:b@c.sqlite", None),
            ("10:30 @ noon", None),
            ("nonsense", None),
        ] {
            assert_eq!(password_in_url(url), password, "{url}");
        }
    }
}
