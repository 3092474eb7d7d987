//! What the client is willing to take (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// Whether `Accept` admits an answer of the media type `offered`.
///
/// The most exact range that covers it decides, and `q=0` excludes. No header, or one without a single range that can
/// be read, admits everything.
pub(crate) fn admits(headers: &HeaderMap, offered: &str) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter();
    // what nearly every client sends, or does not send
    match (values.next(), values.next()) {
        (None, _) => return true,
        (Some(only), None) if only == "*/*" || only == offered => return true,
        _ => {}
    }
    let mut best: Option<(u8, bool)> = None;
    let mut read_any = false;
    for value in headers.get_all(header::ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        for range in value.split(',') {
            let Some(range) = Range::read(range) else {
                continue;
            };
            read_any = true;
            if let Some(exactness) = range.covers(offered)
                && best.is_none_or(|(known, _)| exactness >= known)
            {
                best = Some((exactness, range.wanted));
            }
        }
    }
    best.map_or(!read_any, |(_, wanted)| wanted)
}

/// One range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// Media type parameters other than the weight make a range narrower than anything we send.
    parameters: bool,
    wanted: bool,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        if kind.is_empty() || subtype.is_empty() || (kind == "*" && subtype != "*") {
            return None;
        }
        let (mut parameters, mut wanted) = (false, true);
        for part in parts {
            let (name, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
            if name.trim().eq_ignore_ascii_case("q") {
                wanted = value.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0);
            } else if !name.trim().eq_ignore_ascii_case("charset") {
                parameters |= !name.is_empty();
            }
        }
        Some(Self {
            kind,
            subtype,
            parameters,
            wanted,
        })
    }

    /// How exactly the range covers a media type, if it does.
    fn covers(&self, offered: &str) -> Option<u8> {
        let (kind, subtype) = offered.split_once('/')?;
        if self.parameters {
            return None;
        }
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (mine, "*") if mine.eq_ignore_ascii_case(kind) => Some(1),
            (mine, sub) if mine.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype) => {
                Some(2)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(accept: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        admits(&headers, "application/json")
    }

    #[test]
    fn the_most_exact_range_decides() {
        for yes in [
            "*/*",
            "application/json",
            "Application/JSON",
            "application/*",
            "text/html, application/json;q=0.1",
            "text/html, */*;q=0.1",
            "application/json;q=0.001, */*;q=0",
            "application/json; charset=utf-8",
            "application/*;q=0, application/json",
            "",
            "nonsense",
        ] {
            assert!(check(yes), "{yes}");
        }
        for no in [
            "text/html",
            "application/xml, text/*",
            "application/json;q=0",
            "application/json;q=0, */*",
            "application/json ; q=0.000 , application/*;q=1",
            "*/*;q=0",
            "application/problem+json",
            "application/json;profile=x",
        ] {
            assert!(!check(no), "{no}");
        }
    }

    #[test]
    fn no_header_admits_everything() {
        assert!(admits(&HeaderMap::new(), "application/json"));
    }

    #[test]
    fn several_headers_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, HeaderValue::from_static("text/html"));
        assert!(!admits(&headers, "application/json"));
        headers.append(
            header::ACCEPT,
            HeaderValue::from_static("application/*;q=0.5"),
        );
        assert!(admits(&headers, "application/json"));
    }
}
