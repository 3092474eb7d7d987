//! What the client says that it sends.

use axum::http::{HeaderMap, header};

/// Whether `Content-Type` says one of `accepted`, in UTF-8. With `suffix`, `application/*+json` counts too.
pub(super) fn is(headers: &HeaderMap, accepted: &[&str], suffix: bool) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    if accepted.iter().any(|it| value == it) {
        return true;
    }
    let Ok(value) = value.to_str() else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let known = accepted.iter().any(|it| essence.eq_ignore_ascii_case(it));
    (known || suffix && is_json_suffix(essence)) && parts.all(is_harmless)
}

fn is_json_suffix(essence: &str) -> bool {
    essence
        .to_ascii_lowercase()
        .strip_prefix("application/")
        .and_then(|it| it.strip_suffix("+json"))
        .is_some_and(|it| !it.is_empty() && it != "merge-patch")
}

/// A parameter that does not change how the body is read.
fn is_harmless(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_is_told_from_what_only_looks_like_it() {
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
            is(&headers, &["application/json"], true)
        };
        for yes in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/vnd.shop+json",
        ] {
            assert!(check(yes), "{yes}");
        }
        for no in [
            "text/json",
            "text/plain",
            "application/jsonx",
            "application/+json",
            "application/merge-patch+json",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
            "",
        ] {
            assert!(!check(no), "{no}");
        }
        assert!(!is(&HeaderMap::new(), &["application/json"], true));
    }
}
