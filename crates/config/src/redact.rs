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

fn without_password(text: &str) -> String {
    match password_in_url(text) {
        Some(password) => {
            // by place and not by search: the user may have the same name
            let at = password.as_ptr() as usize - text.as_ptr() as usize;
            format!("{}{HIDDEN}{}", &text[..at], &text[at + password.len()..])
        }
        None => text.to_owned(),
    }
}
