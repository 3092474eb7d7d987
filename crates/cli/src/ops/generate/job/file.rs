//! A job as the text of its items, put into a file and taken out of it.

use std::ops::Range;

use syn::{Item, Type, UseTree};

use super::NewJob;
use crate::{
    Error, Exit, Result,
    ops::{
        edit::Source,
        fields::FieldKind,
        generate::module::slots::{Slots, imports},
        names::Words,
        template::{File, Rename, SHOP},
    },
};

/// The job of the shop that others are made of.
const TEMPLATE: &str = "src/orders/jobs.rs";
const KIND: &str = "send_receipt";

/// The struct, its `impl Job` and its handler.
pub(super) fn items(new: &NewJob) -> Result<String> {
    let text = File::text(SHOP, TEMPLATE).ok_or_else(|| lost("the file"))?;
    let ranges = ranges(text, &Words::of(KIND)).ok_or_else(|| lost(KIND))?;
    let parts: Vec<&str> = ranges.into_iter().map(|range| text[range].trim()).collect();
    let text = parts.join("\n\n");
    let members = Slots(&new.fields).members("pub ");
    let unique = new.fields.iter().find(|field| field.unique);
    let unique = unique.map(|field| match field.kind {
        FieldKind::String | FieldKind::Text => {
            format!("\n            .unique(&self.{})", field.name.snake())
        }
        _ => format!("\n            .unique(self.{})", field.name.snake()),
    });
    let members = match members.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{\n{members}}}"),
    };
    let text = swap(
        text,
        "/// Sends the receipt of an order.",
        &format!("/// {}.", new.name.sentence()),
    )?;
    let text = swap_between(text, "pub struct SendReceipt ", "\n}", &members)?;
    let text = swap(
        text,
        "\n            .unique(self.order)",
        unique.as_deref().unwrap_or_default(),
    )?;
    let text = swap_between(
        text,
        "pub(super) async fn send_receipt(",
        "\n}",
        "job: Run<SendReceipt>) -> Result<()> {\n    // components are further arguments: `orders: Arc<dyn Orders>`\n    let _says: &SendReceipt = &job;\n    Ok(())\n}",
    )?;
    Ok(format!(
        "{}\n",
        Rename::new(KIND, &new.name.snake()).rust(&text)
    ))
}

/// A new file with these items.
pub(super) fn fresh(new: &NewJob, items: &str) -> String {
    let kinds = Slots(&new.fields).kinds();
    format!(
        "//! What is done later, in the background.\n\n\
         use std::time::Duration;\n\n\
         use atlas::{{\n    jobs::{{Job, Options, Run}},\n    prelude::*,\n}};\n{}\
         use serde::{{Deserialize, Serialize}};\n{}\n{items}",
        chrono(&kinds),
        others(&kinds),
    )
}

/// Lines `use` of the crate `atlas`, which come before that of `serde`.
fn chrono(kinds: &[FieldKind]) -> String {
    lines(kinds, |line| line.starts_with("use atlas"))
}

fn others(kinds: &[FieldKind]) -> String {
    lines(kinds, |line| !line.starts_with("use atlas"))
}

fn lines(kinds: &[FieldKind], wanted: impl Fn(&str) -> bool) -> String {
    let all = imports(kinds, &["Value"]);
    let lines = all.split_inclusive('\n').filter(|line| wanted(line));
    lines.collect()
}

/// The file with these items behind all that it holds, and with what they name; `None` where it is no Rust.
pub(super) fn with(text: &str, new: &NewJob, items: &str) -> Option<String> {
    let source = Source::parse(text)?;
    let missing: Vec<String> = needed(new)
        .into_iter()
        .filter(|path| !is_imported(&source.file, path))
        .map(|path| format!("use {path};\n"))
        .collect();
    let mut text = format!("{}\n\n{items}", text.trim_end());
    if !missing.is_empty() {
        let behind = source
            .file
            .items
            .iter()
            .rfind(|item| matches!(item, Item::Use(_)));
        let at = match behind {
            Some(item) => source.end(item)? + 1,
            None => source.start(source.file.items.first()?)?,
        };
        text.insert_str(at.min(text.len()), &missing.concat());
    }
    Some(text)
}

/// The paths that the items name.
fn needed(new: &NewJob) -> Vec<String> {
    let mut paths: Vec<String> = [
        "std::time::Duration",
        "atlas::jobs::Job",
        "atlas::jobs::Options",
        "atlas::jobs::Run",
        "atlas::prelude::Result",
        "serde::Deserialize",
        "serde::Serialize",
    ]
    .map(str::to_owned)
    .to_vec();
    for kind in Slots(&new.fields).kinds() {
        let path = match kind {
            FieldKind::Date => "atlas::db::sea_orm::prelude::ChronoDate",
            FieldKind::Datetime => "atlas::db::sea_orm::prelude::ChronoDateTimeUtc",
            FieldKind::Uuid => "uuid::Uuid",
            FieldKind::Json => "serde_json::Value",
            _ => continue,
        };
        paths.push(path.to_owned());
    }
    paths.dedup();
    paths
}

/// Whether a file imports a path, by its name or with all beside it.
fn is_imported(file: &syn::File, path: &str) -> bool {
    fn reaches(tree: &UseTree, path: &[&str]) -> bool {
        match (tree, path) {
            (UseTree::Path(it), [first, rest @ ..]) => it.ident == first && reaches(&it.tree, rest),
            (UseTree::Name(it), [last]) => it.ident == last,
            (UseTree::Glob(_), [_]) => true,
            (UseTree::Group(it), path) => it.items.iter().any(|tree| reaches(tree, path)),
            _ => false,
        }
    }
    let path: Vec<&str> = path.split("::").collect();
    file.items.iter().any(|item| match item {
        Item::Use(item) => reaches(&item.tree, &path),
        _ => false,
    })
}

/// The text of a job in a file, and the file without it: `None` where it is not there. A file in which nothing but
/// imports is left is empty.
pub(super) fn without(text: &str, name: &Words) -> Option<(String, String)> {
    let mut taken = Vec::new();
    let mut rest = text.to_owned();
    for range in ranges(text, name)?.into_iter().rev() {
        taken.push(text[range.clone()].trim().to_owned());
        // with the empty line before it
        let before = rest[..range.start].trim_end().len();
        let gap = if rest[range.end..].trim().is_empty() {
            "\n"
        } else {
            ""
        };
        rest.replace_range(before..range.end, gap);
    }
    taken.reverse();
    let is_bare = syn::parse_file(&rest)
        .is_ok_and(|file| file.items.iter().all(|item| matches!(item, Item::Use(_))));
    let rest = if is_bare {
        String::new()
    } else {
        format!("{}\n", rest.trim_end())
    };
    Some((taken.join("\n\n"), rest))
}

/// Where the struct, its `impl Job` and its handler stand.
fn ranges(text: &str, name: &Words) -> Option<[Range<usize>; 3]> {
    let source = Source::parse(text)?;
    let (camel, snake) = (name.camel(), name.snake());
    let find = |wanted: &dyn Fn(&Item) -> bool| {
        let item = source.file.items.iter().find(|item| wanted(item))?;
        Some(source.start(item)?..source.end(item)?)
    };
    let job = find(&|item| matches!(item, Item::Struct(it) if it.ident == camel))?;
    let of_job = find(&|item| match item {
        Item::Impl(it) => {
            let of = it.trait_.as_ref().and_then(|(path, _)| path_end(path));
            let own = match &*it.self_ty {
                Type::Path(it) => it.path.segments.last().map(|it| it.ident.to_string()),
                _ => None,
            };
            of.as_deref() == Some("Job") && own.as_deref() == Some(camel.as_str())
        }
        _ => false,
    })?;
    let handler = find(&|item| matches!(item, Item::Fn(it) if it.sig.ident == snake))?;
    let mut all = [job, of_job, handler];
    all.sort_by_key(|range| range.start);
    Some(all)
}

fn path_end(path: &syn::Path) -> Option<String> {
    path.segments.last().map(|it| it.ident.to_string())
}

fn swap(text: String, old: &str, new: &str) -> Result<String> {
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        _ => Err(lost(old)),
    }
}

/// Puts text behind `head`, in the place of all up to the end of `tail`.
fn swap_between(text: String, head: &str, tail: &str, new: &str) -> Result<String> {
    let start = text.find(head).ok_or_else(|| lost(head))? + head.len();
    let end = text[start..].find(tail).ok_or_else(|| lost(tail))? + start + tail.len();
    Ok([&text[..start], new, &text[end..]].concat())
}

fn lost(what: &str) -> Error {
    Error::new(format!(
        "the template `examples/shop/{TEMPLATE}` does not hold `{what}` once"
    ))
    .exit(Exit::Internal)
    .help("this is a defect of `atlas`; please report it")
}
