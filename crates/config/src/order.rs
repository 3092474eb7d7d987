//! The order in which a type declares its fields.
//!
//! A schema sorts its members by name; a reader wants `host` before `port` before the limits, as the author wrote them.
//! Serializing keeps that order, so it is taken from there.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The names of a table in their order, each with those below it.
#[derive(Default)]
pub(crate) struct Order(Vec<(String, Order)>);

impl Order {
    /// The order in a JSON text; none if it is no JSON.
    pub(crate) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The place of a path: what sorts it. Names that are not known come last.
    pub(crate) fn place(&self, path: &[String]) -> Vec<usize> {
        let mut names = Some(self);
        path.iter()
            .map(|name| {
                let found = names.and_then(|it| it.0.iter().position(|(known, _)| known == name));
                names = names.zip(found).map(|(it, index)| &it.0[index].1);
                found.unwrap_or(usize::MAX)
            })
            .collect()
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names)
    }
}

/// Keeps names and drops values.
struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Order;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Order, A::Error> {
        let mut order = Vec::new();
        while let Some(member) = members.next_entry()? {
            order.push(member);
        }
        Ok(Order(order))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Order, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Order::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_unit<E>(self) -> Result<Order, E> {
        Ok(Order::default())
    }
}
