//! The keys that the sections of an app have.

use crate::section::Description;
use crate::shape::Shape;
use crate::source::{join, name_of};

/// A key that can be set.
#[derive(Clone)]
pub(crate) struct Key<'a> {
    pub(crate) path: Vec<String>,
    pub(crate) shape: Shape<'a>,
}

impl Key<'_> {
    pub(crate) fn name(&self) -> String {
        join(&self.path)
    }

    pub(crate) fn variable(&self) -> String {
        name_of(&self.path)
    }
}

/// Every key of a section in the order of its type, tables taken apart.
pub(crate) fn of(description: &Description) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    collect(
        description.shape(),
        &mut vec![description.name().to_owned()],
        &mut keys,
    );
    let order = description.order();
    // stable, so that names without a place stay sorted among themselves
    keys.sort_by_cached_key(|key| order.place(&key.path[1..]));
    keys
}

/// Every key of all sections.
pub(crate) fn of_all(sections: &[Description]) -> Vec<Key<'_>> {
    sections.iter().flat_map(of).collect()
}

fn collect<'a>(shape: Shape<'a>, path: &mut Vec<String>, keys: &mut Vec<Key<'a>>) {
    /// A type that holds itself has no last key.
    const DEEPEST: usize = 8;
    for (name, member) in shape.properties() {
        path.push(name.to_owned());
        let has_members = !member.properties().is_empty() && path.len() < DEEPEST;
        let is_value = member
            .types()
            .iter()
            .any(|it| !matches!(*it, "object" | "null"));
        if has_members {
            collect(member, path, keys);
        }
        if is_value || !has_members {
            keys.push(Key {
                path: path.clone(),
                shape: member,
            });
        }
        path.pop();
    }
}

/// The key that a variable names, taken apart at `__`.
pub(crate) fn by_variable<'a>(sections: &'a [Description], words: &[&str]) -> Option<Key<'a>> {
    let (first, rest) = words.split_first()?;
    let section = sections.iter().find(|it| same(it.name(), first))?;
    let mut path = vec![section.name().to_owned()];
    let mut shape = section.shape();
    for word in rest {
        let named = shape
            .properties()
            .into_iter()
            .find(|(name, _)| same(name, word));
        let (name, member) = match named {
            Some((name, member)) => (name.to_owned(), member),
            None => (
                word.to_lowercase(),
                shape.values().filter(|_| !word.is_empty())?,
            ),
        };
        path.push(name);
        shape = member;
    }
    Some(Key { path, shape })
}

/// The key at a path.
pub(crate) fn by_path<'a>(sections: &'a [Description], path: &[String]) -> Option<Key<'a>> {
    let (first, rest) = path.split_first()?;
    let section = sections.iter().find(|it| it.name() == first)?;
    Some(Key {
        path: path.to_vec(),
        shape: section.shape().at(rest)?,
    })
}

/// The key that was probably meant: one whose every name looks alike, else the same last name elsewhere.
pub(crate) fn near(sections: &[Description], path: &[String]) -> Option<String> {
    let keys = of_all(sections);
    let alike = keys
        .iter()
        .filter(|key| key.path.len() == path.len())
        .filter_map(|key| Some((key, differing(&key.path, path)?)))
        .min_by_key(|(_, differing)| *differing);
    if let Some((key, _)) = alike {
        return Some(key.name());
    }
    let last = path.last()?;
    let mut same = keys.iter().filter(|key| key.path.last() == Some(last));
    // two keys of that name would be a guess
    same.next().filter(|_| same.next().is_none()).map(Key::name)
}

/// How many names differ; nothing if one of them looks quite different.
fn differing(known: &[String], typed: &[String]) -> Option<usize> {
    known
        .iter()
        .zip(typed)
        .filter(|(known, typed)| known != typed)
        .try_fold(0, |count, (known, typed)| {
            atlas_schema::closest(typed, [known.as_str()]).map(|_| count + 1)
        })
}

fn same(name: &str, word: &str) -> bool {
    name.len() == word.len()
        && name.bytes().zip(word.bytes()).all(|(left, right)| {
            let left = if left == b'-' {
                b'_'
            } else {
                left.to_ascii_uppercase()
            };
            left == right
        })
}
