//! The tags in a header (RFC 9110, section 8.8.3).

use axum::http::{HeaderMap, HeaderName};

/// What `If-Match` or `If-None-Match` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// `*`: whatever there is.
    Any,
    /// One of these.
    List(Vec<Tag>),
}

/// One tag: what stands between the quotes, and whether it is a weak one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) weak: bool,
    pub(super) opaque: String,
}

impl Tags {
    /// Reads all lines of a header; nothing when there is none.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(
        headers: &HeaderMap,
        name: &HeaderName,
    ) -> Result<Option<Self>, &'static str> {
        let mut list = Vec::new();
        let mut any = false;
        let mut present = false;
        for line in headers.get_all(name) {
            present = true;
            let line = line.to_str().map_err(|_| "holds letters beyond ASCII")?;
            if line.trim() == "*" {
                any = true;
            } else {
                read_line(line, &mut list)?;
            }
        }
        match (present, any) {
            (false, _) => Ok(None),
            (true, true) if list.is_empty() => Ok(Some(Self::Any)),
            (true, true) => Err("holds `*` beside tags"),
            (true, false) if list.is_empty() => Err("holds no tag; write `\"3\"` or `*`"),
            (true, false) => Ok(Some(Self::List(list))),
        }
    }
}

/// Reads `"a", W/"b"`; a comma may stand inside of quotes, and list members may be empty.
fn read_line(line: &str, list: &mut Vec<Tag>) -> Result<(), &'static str> {
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let quoted = quoted
            .strip_prefix('"')
            .ok_or("is no list of tags in quotes, such as `\"3\"`")?;
        let (opaque, after) = quoted
            .split_once('"')
            .ok_or("holds a tag whose quotes do not end")?;
        if opaque.bytes().any(|it| it <= b' ' || it == 0x7f) {
            return Err("holds a tag with a space in it");
        }
        list.push(Tag {
            weak,
            opaque: opaque.to_owned(),
        });
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return Err("holds tags without a comma between them");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::IF_MATCH};

    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Tags>, &'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Tags::read(&headers, &IF_MATCH)
    }

    fn list(tags: &[(bool, &str)]) -> Result<Option<Tags>, &'static str> {
        let tag = |(weak, opaque): &(bool, &str)| Tag {
            weak: *weak,
            opaque: (*opaque).to_owned(),
        };
        Ok(Some(Tags::List(tags.iter().map(tag).collect())))
    }

    #[test]
    fn lists_are_read_as_the_standard_writes_them() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["*"]), Ok(Some(Tags::Any)));
        assert_eq!(read(&[" * "]), Ok(Some(Tags::Any)));
        assert_eq!(read(&["\"3\""]), list(&[(false, "3")]));
        assert_eq!(read(&["W/\"3\""]), list(&[(true, "3")]));
        assert_eq!(read(&["\"\""]), list(&[(false, "")]));
        let three = list(&[(false, "a"), (true, "b,c"), (false, "d")]);
        assert_eq!(read(&["\"a\", W/\"b,c\" ,\"d\""]), three);
        assert_eq!(read(&["\"a\"", "W/\"b,c\"", "\"d\""]), three);
        assert_eq!(read(&[",, \"a\" ,, "]), list(&[(false, "a")]));
        assert_eq!(
            read(&["\"a\\\""]),
            list(&[(false, "a\\")]),
            "there is no escaping"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            ",",
            "3",
            "'3'",
            "\"3",
            "w/\"3\"",
            "W/3",
            "W/ \"3\"",
            "\"3\" \"4\"",
            "\"a b\"",
            "*, \"3\"",
            "\"3\"x",
        ] {
            assert!(read(&[bad]).is_err(), "{bad}");
        }
        assert!(read(&["*", "\"3\""]).is_err());
        assert!(read(&["\"\u{e4}\""]).is_err());
    }
}
