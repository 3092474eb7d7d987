//! Values that know where they come from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Origin;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) content: Content,
    pub(crate) origin: Origin,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Anything but a list or table; `null` unsets an optional key.
    Scalar(Value),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

impl Node {
    pub(crate) fn table(origin: Origin) -> Self {
        Self {
            content: Content::Table(BTreeMap::new()),
            origin,
        }
    }

    /// A JSON value all of one origin; members that are `null` are left out, because `null` means "not set".
    pub(crate) fn of_json(value: Value, origin: &Origin) -> Self {
        let content = match value {
            Value::Array(items) => Content::List(
                items
                    .into_iter()
                    .map(|it| Self::of_json(it, origin))
                    .collect(),
            ),
            Value::Object(members) => Content::Table(
                members
                    .into_iter()
                    .filter(|(_, it)| !it.is_null())
                    .map(|(name, it)| (name, Self::of_json(it, origin)))
                    .collect(),
            ),
            scalar => Content::Scalar(scalar),
        };
        Self {
            content,
            origin: origin.clone(),
        }
    }

    /// The value without its origins; what was unset is left out.
    pub(crate) fn to_json(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Content::Table(members) => Value::Object(
                members
                    .iter()
                    .filter(|(_, it)| it.content != Content::Scalar(Value::Null))
                    .map(|(name, it)| (name.clone(), it.to_json()))
                    .collect(),
            ),
        }
    }

    pub(crate) fn members(&self) -> Option<&BTreeMap<String, Node>> {
        match &self.content {
            Content::Table(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        match &self.content {
            Content::Table(members) => members.get(name),
            Content::List(items) => items.get(name.parse::<usize>().ok()?),
            Content::Scalar(_) => None,
        }
    }

    /// The node at a path, if it is there.
    pub(crate) fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, name| node.child(name.as_ref()))
    }

    /// The node at a path, or the nearest above it.
    pub(crate) fn nearest<S: AsRef<str>>(&self, path: &[S]) -> &Self {
        let mut node = self;
        for name in path {
            match node.child(name.as_ref()) {
                Some(child) => node = child,
                None => break,
            }
        }
        node
    }

    /// Puts a node at a path, making tables on the way; what is no table there is replaced by one.
    pub(crate) fn insert(&mut self, path: &[String], node: Node) {
        let Some((name, rest)) = path.split_first() else {
            *self = node;
            return;
        };
        if !matches!(self.content, Content::Table(_)) {
            self.content = Content::Table(BTreeMap::new());
        }
        let Content::Table(members) = &mut self.content else {
            return;
        };
        if rest.is_empty() {
            members.insert(name.clone(), node);
        } else {
            let child = members
                .entry(name.clone())
                .or_insert_with(|| Self::table(node.origin.clone()));
            child.insert(rest, node);
        }
    }
}
