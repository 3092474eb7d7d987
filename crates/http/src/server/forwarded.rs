//! Who the client is, behind the proxies that are trusted.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::network::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Which header the trusted proxies write.
///
/// Only this one is read: a proxy that writes one of them passes the other on as the client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`, which most proxies write.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The client of a request, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address: of the peer itself, or the one that the outermost trusted proxy saw.
    pub(crate) address: IpAddr,
    /// Whether it speaks TLS to the proxy in front of this server.
    pub(crate) secure: bool,
}

/// Finds the client behind a *trusted* peer: from the peer outward, the first address that is not trusted.
///
/// Each proxy appends the address it sees, so only what trusted proxies wrote is believed: the list is read from its end,
/// and whatever cannot be read ends it.
pub(crate) fn client(
    headers: &HeaderMap,
    peer: IpAddr,
    trusted: &[Network],
    header: ForwardedHeader,
) -> Client {
    let peer = peer.to_canonical();
    match header {
        ForwardedHeader::XForwarded => Client {
            address: outermost(peer, trusted, x_forwarded_for(headers)),
            secure: last(headers, &X_FORWARDED_PROTO).is_some_and(https),
        },
        ForwardedHeader::Forwarded => Client {
            address: outermost(
                peer,
                trusted,
                elements(headers).map(|element| address(parameter(element, "for")?)),
            ),
            secure: elements(headers)
                .next()
                .and_then(|element| parameter(element, "proto"))
                .is_some_and(https),
        },
    }
}

/// Walks outward over `hops`, nearest first, for as long as they are trusted.
fn outermost(
    peer: IpAddr,
    trusted: &[Network],
    hops: impl Iterator<Item = Option<IpAddr>>,
) -> IpAddr {
    let mut client = peer;
    for hop in hops {
        let Some(hop) = hop else { break };
        client = hop;
        if !trusted.iter().any(|network| network.contains(hop)) {
            break;
        }
    }
    client
}

/// The addresses of `X-Forwarded-For`, last first; several lines are one list.
fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .map(|item| address(std::str::from_utf8(item).ok()?.trim()))
}

/// The elements of `Forwarded`, last first. An element that is not text becomes empty, which ends the walk.
fn elements(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::FORWARDED)
        .iter()
        .rev()
        .flat_map(|line| {
            split_unquoted(line.to_str().unwrap_or(""), ',')
                .into_iter()
                .rev()
        })
}

/// The value of a parameter of a `Forwarded` element, without its quotes.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    split_unquoted(element, ';').into_iter().find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim_matches('"'))
    })
}

/// Splits at a separator outside of double quotes. A quote that is never closed leaves one part, which no one can read.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, char) in text.char_indices() {
        if char == '"' {
            quoted = !quoted;
        } else if char == separator && !quoted {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    if quoted {
        return vec![""];
    }
    parts.push(&text[start..]);
    parts
}

/// Reads `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let ip = match bare {
        Some(bare) => bare.parse().ok().filter(IpAddr::is_ipv6),
        None => text
            .parse::<IpAddr>()
            .ok()
            .or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip())),
    };
    ip.map(|it: IpAddr| it.to_canonical())
}

/// The last item of a list header: what the nearest proxy wrote.
fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim)
}

fn https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted() -> Vec<Network> {
        ["10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|it| it.parse().unwrap())
            .collect()
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn found(lines: &[(&'static str, &str)], header: ForwardedHeader) -> Client {
        client(
            &headers(lines),
            "10.0.0.1".parse().unwrap(),
            &trusted(),
            header,
        )
    }

    fn via_x(list: &str) -> String {
        let client = found(&[("x-forwarded-for", list)], ForwardedHeader::XForwarded);
        client.address.to_string()
    }

    fn via_forwarded(list: &str) -> String {
        let client = found(&[("forwarded", list)], ForwardedHeader::Forwarded);
        client.address.to_string()
    }

    #[test]
    fn the_first_address_that_is_not_trusted_is_the_client() {
        assert_eq!(via_x("203.0.113.9"), "203.0.113.9");
        assert_eq!(via_x("198.51.100.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(via_x("10.0.0.3, 10.0.0.2"), "10.0.0.3");
        assert_eq!(via_x("203.0.113.9:4711"), "203.0.113.9");
        assert_eq!(via_x("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(via_x("2001:db8::1, fd00::2"), "2001:db8::1");
        assert_eq!(via_x("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn what_cannot_be_read_ends_the_list() {
        assert_eq!(via_x(""), "10.0.0.1");
        assert_eq!(via_x("203.0.113.9, unknown, 10.0.0.2"), "10.0.0.2");
        assert_eq!(via_x("203.0.113.9, 10.0.0.2,"), "10.0.0.1");
        assert_eq!(via_x("203.0.113.9, 999.1.1.1"), "10.0.0.1");
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-for", "203.0.113.9, 10.0.0.2"),
        ];
        let client = found(&lines, ForwardedHeader::XForwarded);
        assert_eq!(client.address.to_string(), "203.0.113.9");
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes() {
        assert_eq!(via_forwarded("for=203.0.113.9;proto=https"), "203.0.113.9");
        assert_eq!(
            via_forwarded("for=\"[2001:db8::1]:4711\", for=10.0.0.2"),
            "2001:db8::1"
        );
        assert_eq!(via_forwarded("for=203.0.113.9, for=_hidden"), "10.0.0.1");
        assert_eq!(via_forwarded("for=203.0.113.9, by=10.0.0.2"), "10.0.0.1");
        assert_eq!(via_forwarded("for=\"203.0.113.9, for=10.0.0.2"), "10.0.0.1");
    }

    #[test]
    fn only_the_header_that_proxies_write_is_read() {
        let both = [
            ("forwarded", "for=198.51.100.1;proto=https"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-real-ip", "198.51.100.2"),
        ];
        let client = found(&both, ForwardedHeader::XForwarded);
        assert_eq!(client.address.to_string(), "203.0.113.9");
        assert!(!client.secure);
    }

    #[test]
    fn the_scheme_is_what_the_nearest_proxy_says() {
        let proto = |value| {
            let lines = [("x-forwarded-proto", value)];
            found(&lines, ForwardedHeader::XForwarded).secure
        };
        assert!(proto("https"));
        assert!(proto("http, HTTPS"));
        assert!(!proto("https, http"));
        assert!(!proto("httpsx"));
    }

    #[test]
    fn a_chain_of_any_length_leads_to_the_same_client() {
        for hops in 0..6 {
            for client in ["203.0.113.9", "2001:db8::9"] {
                let mut list = format!("6.6.6.6, {client}");
                for hop in 0..hops {
                    list += &format!(", 10.0.{hop}.1");
                }
                assert_eq!(via_x(&list), client);
            }
        }
    }
}
