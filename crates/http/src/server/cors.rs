//! Which pages of other origins may read the answers. None, unless the configuration names them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, header};

/// Cross-origin access as it was configured, ready to be compared byte by byte.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    /// `None` is any origin, which the configuration allows only without credentials.
    origins: Option<Vec<HeaderValue>>,
    methods: HeaderValue,
    headers: HeaderValue,
    exposed: Option<HeaderValue>,
    credentials: bool,
    max_age: HeaderValue,
}

/// What a [`Cors`] is made of.
pub(crate) struct Rules<'a> {
    pub(crate) origins: &'a [String],
    pub(crate) methods: &'a [String],
    pub(crate) headers: &'a [String],
    pub(crate) exposed: &'a [String],
    pub(crate) credentials: bool,
    pub(crate) max_age: Duration,
}

impl Cors {
    /// Takes rules that [`fault_of_origin`] has found nothing against; what a header cannot hold is left out.
    pub(crate) fn new(rules: &Rules<'_>) -> Self {
        let list = |items: &[String]| HeaderValue::from_str(&items.join(", ")).ok();
        let any = rules.origins.iter().any(|origin| origin == "*");
        let empty = HeaderValue::from_static("");
        Self {
            origins: (!any).then(|| {
                let values = rules.origins.iter();
                values
                    .filter_map(|origin| HeaderValue::from_str(origin).ok())
                    .collect()
            }),
            methods: list(rules.methods).unwrap_or_else(|| empty.clone()),
            headers: list(rules.headers).unwrap_or(empty),
            exposed: list(rules.exposed).filter(|value| !value.is_empty()),
            credentials: rules.credentials,
            max_age: HeaderValue::from(rules.max_age.as_secs()),
        }
    }

    /// Whether a request asks for permission to make another (a preflight).
    pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
        method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Writes what a page of this origin may do into the headers of an answer.
    pub(crate) fn apply(
        &self,
        origin: Option<&HeaderValue>,
        preflight: bool,
        headers: &mut HeaderMap,
    ) {
        // also without an origin: a cache must not give this answer to a page
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            let value = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, value);
        }
        if preflight {
            let methods = self.methods.clone();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            let names = self.headers.clone();
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        } else if let Some(exposed) = &self.exposed {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }

    /// What to answer to a page of this origin. The origin is ours from the list, never an echo.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match &self.origins {
            None => Some(HeaderValue::from_static("*")),
            Some(list) => list.iter().find(|it| *it == origin).cloned(),
        }
    }
}

/// What is wrong with a configured origin, if something is.
pub(crate) fn fault_of_origin(origin: &str, credentials: bool) -> Option<String> {
    match origin {
        "*" if credentials => Some(
            "`*` together with `credentials = true` would let every page of the web act for a signed-in user".to_owned(),
        ),
        "*" => None,
        "null" => Some("`null` is the origin of every sandboxed frame, so it would let in everyone".to_owned()),
        _ => {
            let Some((scheme, host)) = origin.split_once("://") else {
                return Some(format!("`{origin}` has no scheme; an origin looks like `https://app.example.com`"));
            };
            let plain = |part: &str, more: &[u8]| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(&byte))
            };
            if !plain(scheme, b"+-.") || !plain(host, b"-.:[]_") {
                return Some(format!(
                    "`{origin}` never matches: browsers send scheme, host and port in lower case, without a path or wildcard"
                ));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], credentials: bool) -> Cors {
        let own = |items: &[&str]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
        Cors::new(&Rules {
            origins: &own(origins),
            methods: &own(&["GET", "POST"]),
            headers: &own(&["content-type"]),
            exposed: &own(&["link"]),
            credentials,
            max_age: Duration::from_secs(600),
        })
    }

    fn answer(cors: &Cors, origin: Option<&str>, preflight: bool) -> HeaderMap {
        let origin = origin.map(|it| HeaderValue::from_str(it).unwrap());
        let mut headers = HeaderMap::new();
        cors.apply(origin.as_ref(), preflight, &mut headers);
        headers
    }

    #[test]
    fn an_origin_is_let_in_only_when_it_is_listed_exactly() {
        let cors = cors(&["https://app.example.com", "https://b.example:8443"], true);
        let headers = answer(&cors, Some("https://app.example.com"), false);
        assert_eq!(
            headers["access-control-allow-origin"],
            "https://app.example.com"
        );
        assert_eq!(headers["access-control-allow-credentials"], "true");
        assert_eq!(headers["access-control-expose-headers"], "link");
        assert_eq!(headers["vary"], "origin");
        for stranger in [
            "https://app.example.com.evil.test",
            "https://evil-app.example.com",
            "https://sub.app.example.com",
            "https://app.example.com:443",
            "https://app.example.com:8443",
            "http://app.example.com",
            "https://APP.example.com",
            "https://app.example.com/",
            "https://app.example.co",
            "https://b.example",
            "null",
            "*",
            "",
        ] {
            let headers = answer(&cors, Some(stranger), false);
            assert!(
                !headers.contains_key("access-control-allow-origin"),
                "{stranger}"
            );
            assert_eq!(headers["vary"], "origin", "{stranger}");
        }
        assert!(!answer(&cors, None, false).contains_key("access-control-allow-origin"));
    }

    #[test]
    fn a_preflight_is_told_what_it_may_do() {
        let cors = cors(&["https://app.example.com"], false);
        let headers = answer(&cors, Some("https://app.example.com"), true);
        assert_eq!(headers["access-control-allow-methods"], "GET, POST");
        assert_eq!(headers["access-control-allow-headers"], "content-type");
        assert_eq!(headers["access-control-max-age"], "600");
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }

    #[test]
    fn any_origin_is_answered_with_a_star_and_never_with_itself() {
        let headers = answer(&cors(&["*"], false), Some("https://x.test"), false);
        assert_eq!(headers["access-control-allow-origin"], "*");
    }

    #[test]
    fn an_origin_that_cannot_match_or_matches_everyone_is_a_fault() {
        for bad in [
            "null",
            "app.example.com",
            "https://",
            "https://App.example.com",
            "https://app.example.com/",
            "https://*.example.com",
            "https://a b",
        ] {
            assert!(fault_of_origin(bad, false).is_some(), "{bad}");
        }
        assert!(fault_of_origin("*", true).is_some());
        for good in [
            "*",
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:3000",
            "capacitor://localhost",
        ] {
            assert_eq!(fault_of_origin(good, false), None, "{good}");
        }
    }
}
