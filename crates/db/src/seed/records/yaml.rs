//! Records in YAML 1.2, its core schema: `yes` is a text, `true` is not.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Number, Value as Json};

use super::node::{Content, Flaw, Member, Node, Position};

/// How many values the aliases of a file may stand for together; a small file could otherwise unfold without end.
const ALIASED: usize = 1_000_000;

/// How deep values may lie in each other.
const DEPTH: usize = 64;

pub(crate) fn read(text: &str) -> Result<Node, Flaw> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        aliased: 0,
    };
    reader.document()
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Node, usize)>,
    aliased: usize,
}

fn position(marker: &Marker) -> Position {
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    Position {
        line: number(marker.line()),
        column: number(marker.col() + 1),
    }
}

fn flaw(at: Position, problem: &str) -> Flaw {
    Flaw {
        at,
        problem: format!("malformed YAML: {problem}"),
    }
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Flaw> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(scanned(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Node, Flaw> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(flaw(position(&span.start), "a second document"));
                }
                Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd
                | Event::Nothing => {}
                other => root = Some(self.node(other, span, 0)?.0),
            }
        }
        Ok(root.unwrap_or(Node {
            at: Position { line: 1, column: 1 },
            content: Content::Table(Vec::new()),
        }))
    }

    /// The value that an event begins, and how many values it is made of.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<(Node, usize), Flaw> {
        let at = position(&span.start);
        if depth > DEPTH {
            return Err(flaw(at, "values lie too deep in each other"));
        }
        let mut size = 1;
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text_by_tag = tag.is_some_and(|it| it.suffix == "str");
                let content = match style {
                    ScalarStyle::Plain if !text_by_tag => plain(&text),
                    _ => Json::from(text.as_ref()),
                };
                (Content::Value(content), anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => {
                            let (item, more) = self.node(event, span, depth + 1)?;
                            size += more;
                            items.push(item);
                        }
                    }
                }
                (Content::List(items), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let (members, more) = self.members(depth)?;
                size += more;
                (Content::Table(members), anchor)
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor);
                let (node, size) = known
                    .cloned()
                    .ok_or_else(|| flaw(at, "an alias without an anchor before it"))?;
                self.aliased += size;
                if self.aliased > ALIASED {
                    return Err(flaw(at, "the aliases stand for too many values"));
                }
                return Ok((node, size));
            }
            _ => return Err(flaw(at, "a value was expected")),
        };
        let node = Node { at, content };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok((node, size))
    }

    fn members(&mut self, depth: usize) -> Result<(Vec<Member>, usize), Flaw> {
        let mut members: Vec<Member> = Vec::new();
        let mut merged = Vec::new();
        let mut size = 0;
        loop {
            let (name, at) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(name, ..), span) => (name.into_owned(), position(&span.start)),
                (_, span) => return Err(flaw(position(&span.start), "a name was expected")),
            };
            let (event, span) = self.next()?;
            let (value, more) = self.node(event, span, depth + 1)?;
            size += more;
            match value.content {
                Content::Table(defaults) if name == "<<" => merged.extend(defaults),
                content => {
                    let value = Node { content, ..value };
                    members.push(Member { name, at, value });
                }
            }
        }
        for default in merged {
            if members.iter().all(|it| it.name != default.name) {
                members.push(default);
            }
        }
        Ok((members, size))
    }
}

fn scanned(error: &ScanError) -> Flaw {
    flaw(position(error.marker()), error.info())
}

/// What a scalar without quotes means.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" => return Json::from(true),
        "false" | "False" | "FALSE" => return Json::from(false),
        _ => {}
    }
    let radix = |prefix: &str, radix| {
        let digits = text.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix).ok()
    };
    let whole = text.parse::<i64>().ok();
    if let Some(number) = whole.or_else(|| radix("0x", 16)).or_else(|| radix("0o", 8)) {
        return Json::from(number);
    }
    if let Ok(number) = text.parse::<u64>() {
        return Json::from(number);
    }
    // Rust reads more than YAML: `inf`, `nan`, `infinity`
    let numeric = text
        .bytes()
        .all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it));
    let number = text.parse().ok().filter(|_| numeric);
    match number.and_then(Number::from_f64) {
        Some(number) => Json::Number(number),
        None => Json::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::read;

    #[track_caller]
    fn json_of(text: &str) -> Json {
        read(text)
            .unwrap_or_else(|flaw| panic!("{}: {}", flaw.at, flaw.problem))
            .into_json()
    }

    #[test]
    fn scalars_mean_what_the_core_schema_says() {
        let text = "a: 1\nb: -0x1\nc: 0x1F\nd: 0o17\ne: 1.5\nf: 1e3\ng: yes\nh: true\ni: ~\nj:\nk: '1'\nl: !!str 1\n\
                    m: 2026-11-22\nn: .inf\no: 18446744073709551615\np: inf\n";
        let expected = json!({
            "a": 1, "b": "-0x1", "c": 31, "d": 15, "e": 1.5, "f": 1000.0, "g": "yes", "h": true, "i": null, "j": null,
            "k": "1", "l": "1", "m": "2026-11-22", "n": ".inf", "o": u64::MAX, "p": "inf",
        });
        assert_eq!(json_of(text), expected);
    }

    #[test]
    fn anchors_aliases_and_merges_are_followed() {
        let text =
            "base: &base { tea: sencha, cups: 1 }\nmine:\n  <<: *base\n  cups: 2\nhis: *base\n";
        let base = json!({ "tea": "sencha", "cups": 1 });
        let expected = json!({ "base": base, "mine": { "tea": "sencha", "cups": 2 }, "his": base });
        assert_eq!(json_of(text), expected);
    }

    #[test]
    fn a_small_file_cannot_unfold_without_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            text.push_str(&format!(
                "a{level}: &a{level} [{}]\n",
                [before.as_str(); 10].join(", ")
            ));
        }
        let flaw = read(&text).unwrap_err();
        assert!(flaw.problem.contains("too many values"), "{}", flaw.problem);
        let deep = format!("a: {}{}", "[".repeat(1000), "]".repeat(1000));
        assert!(read(&deep).is_err());
    }

    #[test]
    fn what_is_malformed_has_a_place() {
        let flaw = read("a: 1\nb: [1, 2\n").unwrap_err();
        assert!(flaw.problem.starts_with("malformed YAML: "), "{flaw:?}");
        assert!(flaw.at.line >= 2, "{flaw:?}");
        let flaw = read("a: *nothing\n").unwrap_err();
        assert_eq!(flaw.at.line, 1);
        assert!(read("a: 1\n---\nb: 2\n").is_err());
    }
}
