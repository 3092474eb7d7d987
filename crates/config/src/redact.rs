//! Values as they may be shown.

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

/// The password in `scheme://user:password@host/…`.
pub(crate) fn password_in_url(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    // the last `@`, as URL parsers have it: a password may hold one
    let (user, _) = authority.rsplit_once('@')?;
    user.split_once(':')
        .map(|(_, password)| password)
        .filter(|it| !it.is_empty())
}

/// A URL as it may be shown: no password, and no secret of its query. Where the parts of a URL cannot be told apart, more is
/// hidden rather than less; files, as in `sqlite://data/a@b.sqlite`, and other text stay.
pub fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text.to_owned();
    };
    let scheme = scheme.trim().to_lowercase();
    let is_server = SERVERS.contains(&scheme.as_str())
        || (rest.starts_with("//") && !matches!(scheme.as_str(), "sqlite" | "file"));
    if !is_server {
        return text.to_owned();
    }
    let start = text.len() - rest.trim_start_matches('/').len();
    let mut hidden = Vec::new();
    // a password may hold `/`, `?` and `@`
    if let Some(end) = text.rfind('@').filter(|end| *end > start)
        && let Some(colon) = text[start..end].find(':')
        && start + colon + 1 < end
    {
        hidden.push((start + colon + 1, end));
    }
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
    use super::without_password;

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
}
