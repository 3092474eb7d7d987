//! Records in JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Content, Flaw, Lines, Member, Node, Position};

/// Tables, their records, and the fields of these: what lies deeper has no place of its own.
const DEPTH: u8 = 3;

pub(super) fn read(text: &str) -> Result<Node, Flaw> {
    let lines = Lines::of(text);
    let root: &RawValue = serde_json::from_str(text).map_err(|error| flaw(&error))?;
    Reader { text, lines }.node(root, DEPTH)
}

fn flaw(error: &serde_json::Error) -> Flaw {
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX).max(1);
    let words = error.to_string();
    // the place is told apart from the words
    let problem = words.split(" at line ").next().unwrap_or(&words);
    Flaw {
        at: Position {
            line: number(error.line()),
            column: number(error.column()),
        },
        problem: format!("malformed JSON: {problem}"),
    }
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
}

impl Reader<'_> {
    fn node(&self, raw: &RawValue, depth: u8) -> Result<Node, Flaw> {
        // the slice is one of the text, so its address tells where
        let offset = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let at = self.lines.at(offset);
        let failed = |error: serde_json::Error| Flaw { at, ..flaw(&error) };
        let content = match raw.get().as_bytes().first() {
            Some(b'{') if depth > 0 => {
                let members: Members<'_> = serde_json::from_str(raw.get()).map_err(failed)?;
                let members = members.0.into_iter().map(|(name, raw)| {
                    let value = self.node(raw, depth - 1)?;
                    Ok(Member {
                        name,
                        at: value.at,
                        value,
                    })
                });
                Content::Table(members.collect::<Result<_, Flaw>>()?)
            }
            Some(b'[') if depth > 0 => {
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(failed)?;
                let items = items.into_iter().map(|raw| self.node(raw, depth - 1));
                Content::List(items.collect::<Result<_, Flaw>>()?)
            }
            _ => Content::Value(serde_json::from_str(raw.get()).map_err(failed)?),
        };
        Ok(Node { at, content })
    }
}

/// The members of an object in their order, a name that stands twice included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Members)
    }
}
