//! Who has which slot.

use redis::Value;

use super::slot::SLOTS;

/// The owner of each slot, by host and port.
#[derive(Debug, Default)]
pub(crate) struct Map {
    places: Vec<String>,
    /// An index of `places` for each slot; empty as long as nothing is known.
    owners: Vec<Option<u16>>,
}

impl Map {
    /// Reads the answer to `CLUSTER SLOTS` of a server on `host`.
    pub(super) fn parse(answer: &Value, host: &str) -> Option<Self> {
        let Value::Array(ranges) = answer else {
            return None;
        };
        let mut map = Self::default();
        for range in ranges {
            let Value::Array(parts) = range else {
                return None;
            };
            let [Value::Int(first), Value::Int(last), Value::Array(owner), ..] = parts.as_slice()
            else {
                return None;
            };
            let [name, Value::Int(port), ..] = owner.as_slice() else {
                return None;
            };
            let name = match name {
                Value::BulkString(name) => String::from_utf8_lossy(name).into_owned(),
                Value::SimpleString(name) => name.clone(),
                _ => String::new(),
            };
            // a server that does not know its own name
            let name = match name.as_str() {
                "" | "?" => host,
                name => name,
            };
            let place = format!("{name}:{port}");
            for slot in *first..=*last {
                map.set(u16::try_from(slot).ok()?, &place);
            }
        }
        (!map.is_empty()).then_some(map)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    pub(super) fn owner(&self, slot: u16) -> Option<&str> {
        let index = (*self.owners.get(usize::from(slot))?)?;
        self.places.get(usize::from(index)).map(String::as_str)
    }

    pub(super) fn set(&mut self, slot: u16, place: &str) {
        let known = self.places.iter().position(|it| it == place);
        let index = known.unwrap_or_else(|| {
            self.places.push(place.to_owned());
            self.places.len() - 1
        });
        if self.owners.is_empty() {
            self.owners.resize(usize::from(SLOTS), None);
        }
        if let Some(owner) = self.owners.get_mut(usize::from(slot)) {
            *owner = u16::try_from(index).ok();
        }
    }

    /// The servers that have slots.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::Map;

    fn range(first: i64, last: i64, host: &str, port: i64) -> Value {
        let owner = vec![
            Value::BulkString(host.as_bytes().to_vec()),
            Value::Int(port),
            Value::BulkString(b"id".to_vec()),
        ];
        Value::Array(vec![
            Value::Int(first),
            Value::Int(last),
            Value::Array(owner),
        ])
    }

    #[test]
    fn the_answer_of_a_server_says_who_has_which_slot() {
        let answer = Value::Array(vec![
            range(0, 99, "10.0.0.1", 7000),
            range(100, 16_383, "", 7001),
        ]);
        let mut map = Map::parse(&answer, "asked").unwrap_or_default();
        assert_eq!(map.owner(99), Some("10.0.0.1:7000"));
        assert_eq!(map.owner(100), Some("asked:7001"));
        assert_eq!(map.owner(16_384), None);
        map.set(5, "10.0.0.3:7002");
        assert_eq!(map.owner(5), Some("10.0.0.3:7002"));
        assert_eq!(map.owner(6), Some("10.0.0.1:7000"));
    }

    #[test]
    fn an_answer_that_is_no_map_is_none() {
        assert!(Map::parse(&Value::Okay, "asked").is_none());
        assert!(Map::parse(&Value::Array(Vec::new()), "asked").is_none());
    }
}
