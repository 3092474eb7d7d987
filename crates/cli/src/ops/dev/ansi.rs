//! Terminal colours in what rustc says: taken out, or turned into HTML.

/// `text` without escape sequences.
pub(super) fn plain(text: &str) -> String {
    pieces(text)
        .map(|piece| {
            if let Piece::Text(text) = piece {
                text
            } else {
                ""
            }
        })
        .collect()
}

/// `text` as HTML: escaped, colours as `<span class="…">` with the classes `b`, `red`, `yellow`, `green`, `blue`, `cyan`.
pub(super) fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 4);
    let mut open = 0;
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => escape(text, &mut html),
            Piece::Style(codes) => {
                for class in classes(codes) {
                    match class {
                        Some(class) => {
                            html.push_str("<span class=\"");
                            html.push_str(class);
                            html.push_str("\">");
                            open += 1;
                        }
                        None => {
                            html.push_str(&"</span>".repeat(open));
                            open = 0;
                        }
                    }
                }
            }
            Piece::Other => {}
        }
    }
    html.push_str(&"</span>".repeat(open));
    html
}

/// Appends `text` with the five characters escaped that mean something in HTML.
pub(super) fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    /// The parameters of an SGR sequence: `1;38;5;9`.
    Style(&'a str),
    Other,
}

fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(after) = rest.strip_prefix('\x1b') else {
            let end = rest.find('\x1b').unwrap_or(rest.len());
            let (text, tail) = rest.split_at(end);
            rest = tail;
            return Some(Piece::Text(text));
        };
        // A control sequence is `ESC [`, parameters, one final byte from `@` to `~`.
        let Some(parameters) = after.strip_prefix('[') else {
            rest = after;
            return Some(Piece::Other);
        };
        let Some(end) = parameters.find(|character: char| ('@'..='~').contains(&character)) else {
            rest = "";
            return Some(Piece::Other);
        };
        let (codes, tail) = parameters.split_at(end);
        rest = &tail[1..];
        Some(if tail.starts_with('m') {
            Piece::Style(codes)
        } else {
            Piece::Other
        })
    })
}

/// The classes of an SGR sequence; `None` ends all that are open.
fn classes(codes: &str) -> Vec<Option<&'static str>> {
    let mut classes = Vec::new();
    let mut codes = codes.split(';');
    while let Some(code) = codes.next() {
        let color = match code {
            "38" => (codes.next() == Some("5"))
                .then(|| codes.next())
                .flatten()
                .and_then(|color| color.parse().ok()),
            _ => match code.parse() {
                Ok(code @ 30..=37_u8) => Some(code - 30),
                Ok(code @ 90..=97) => Some(code - 90),
                _ => None,
            },
        };
        match (code, color) {
            ("" | "0", _) => classes.push(None),
            ("1", _) => classes.push(Some("b")),
            (_, Some(1 | 9)) => classes.push(Some("red")),
            (_, Some(2 | 10)) => classes.push(Some("green")),
            (_, Some(3 | 11)) => classes.push(Some("yellow")),
            (_, Some(4 | 12)) => classes.push(Some("blue")),
            (_, Some(6 | 14)) => classes.push(Some("cyan")),
            _ => {}
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::{html, plain};

    const ERROR: &str =
        "\x1b[0m\x1b[1m\x1b[38;5;9merror[E0308]\x1b[0m\x1b[1m: a < b & \"c\"\x1b[0m\x1b[K";

    #[test]
    fn escape_sequences_are_taken_out() {
        assert_eq!(plain(ERROR), "error[E0308]: a < b & \"c\"");
        assert_eq!(plain("cut off \x1b[3"), "cut off ");
    }

    #[test]
    fn colours_become_spans_and_text_is_escaped() {
        assert_eq!(
            html(ERROR),
            "<span class=\"b\"><span class=\"red\">error[E0308]</span></span>\
             <span class=\"b\">: a &lt; b &amp; &quot;c&quot;</span>"
        );
        assert_eq!(
            html("\x1b[31mnever reset"),
            "<span class=\"red\">never reset</span>"
        );
        assert_eq!(
            html("<script>alert('x')</script>"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
        );
    }
}
