//! Keys such as `http.port` as text and as path.

/// A path as it is written in TOML: `http.limits."a.b"`.
pub(crate) fn join<S: AsRef<str>>(path: &[S]) -> String {
    let names: Vec<String> = path.iter().map(|name| quoted(name.as_ref())).collect();
    names.join(".")
}

/// A name as TOML writes a key: bare if that is possible.
pub(crate) fn quoted(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if bare {
        name.to_owned()
    } else {
        format!("\"{}\"", name.escape_debug())
    }
}

/// The path of a key as it is typed, with names in double quotes where they hold a dot; nothing if a name is missing.
pub(crate) fn parse_key(text: &str) -> Option<Vec<String>> {
    let mut path = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '.' if !quoted => path.push(String::new()),
            other => path.last_mut()?.push(other),
        }
    }
    (!quoted && path.iter().all(|name| !name.is_empty())).then_some(path)
}

/// The segments of a JSON Pointer (RFC 6901).
pub(crate) fn pointer_segments(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|it| it.replace("~1", "/").replace("~0", "~"))
        .collect()
}
