//! The stronger layer wins, key by key.

use crate::section::Description;
use crate::shape::Shape;
use crate::source::{Content, Layer, Node, Origin};

/// All layers in one tree.
pub(crate) fn merged(layers: &[(Layer, Node)], sections: &[Description]) -> Node {
    let mut all = Node::table(Origin::BuiltIn);
    for (_, layer) in layers {
        let Some(members) = layer.members() else {
            continue;
        };
        for (name, node) in members {
            let shape = sections
                .iter()
                .find(|it| it.name() == name)
                .map(Description::shape);
            let Content::Table(tables) = &mut all.content else {
                continue;
            };
            match tables.get_mut(name) {
                Some(weaker) => lay_over(weaker, node, shape),
                None => {
                    tables.insert(name.clone(), node.clone());
                }
            }
        }
    }
    all
}

/// Tables are merged; anything else is replaced as a whole, lists too.
fn lay_over(weaker: &mut Node, stronger: &Node, shape: Option<Shape<'_>>) {
    let replaced = shape.is_some_and(|shape| is_other_variant(shape, weaker, stronger));
    match (&mut weaker.content, &stronger.content) {
        (Content::Table(below), Content::Table(above)) if !replaced => {
            for (name, node) in above {
                match below.get_mut(name) {
                    Some(weaker) => lay_over(weaker, node, shape.and_then(|it| it.member(name))),
                    None => {
                        below.insert(name.clone(), node.clone());
                    }
                }
            }
            if stronger.origin != Origin::BuiltIn {
                weaker.origin = stronger.origin.clone();
            }
        }
        _ => *weaker = stronger.clone(),
    }
}

/// Whether the stronger table chooses another variant of an enum: what the weaker one says of its own variant would only
/// be unknown keys there.
fn is_other_variant(shape: Shape<'_>, weaker: &Node, stronger: &Node) -> bool {
    let variants = shape.table_variants();
    let (Some(below), Some(above), [first, _, ..]) =
        (weaker.members(), stronger.members(), variants.as_slice())
    else {
        return false;
    };
    let is_tag = |name: &&str| variants.iter().all(|variant| variant.fixed(name).is_some());
    let tag = first
        .properties()
        .into_iter()
        .map(|(name, _)| name)
        .find(|name| is_tag(name));
    match tag {
        Some(tag) => match (below.get(tag), above.get(tag)) {
            (Some(below), Some(above)) => below.content != above.content,
            _ => false,
        },
        // `{ redis = { … } }`: the name of the only member is the tag
        None => {
            variants
                .iter()
                .all(|variant| variant.properties().len() == 1)
                && above.len() == 1
                && below.len() == 1
                && above.keys().ne(below.keys())
        }
    }
}
