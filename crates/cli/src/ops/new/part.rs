//! Parts of the shop that a service has only when it asks for them.

use toml_edit::{Array, DocumentMut, Item, Value};

use crate::{
    Error, Exit, Result,
    ops::{
        edit::{ChainCall, Edit, ModLine},
        template::{File, SHOP},
    },
};

/// What a new service can have beside its first feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Background jobs, and the feature `orders` that shows what they are good for.
    Jobs,
}

/// The tests of the feature.
const TESTS: [&str; 2] = ["orders", "receipts"];

impl Part {
    /// The parts that can be asked for by name.
    pub const NAMES: [&'static str; 1] = ["jobs"];

    /// The part of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        (name == "jobs").then_some(Self::Jobs)
    }
}

/// The bytes of a template without the parts that were not asked for; `None` when it belongs to one of them.
pub(super) fn bytes(file: &File, parts: &[Part]) -> Result<Option<Vec<u8>>> {
    if parts.contains(&Part::Jobs) {
        return Ok(Some(file.bytes.to_vec()));
    }
    if is_of_orders(file.path) {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(file.bytes) else {
        return Ok(Some(file.bytes.to_vec()));
    };
    let without = match file.path {
        "src/lib.rs" => without_lines(
            text,
            &[ModLine::public("orders")],
            &[
                ChainCall::module_of_app("atlas::jobs::module()"),
                ChainCall::module_of_app("orders::module()"),
            ],
        ),
        "src/migrations/mod.rs" => without_migration(text),
        "tests/it/main.rs" => without_lines(text, &TESTS.map(ModLine::private), &[]),
        "config/default.toml" => without_section(text, "[jobs]", "["),
        ".env.example" => without_section(text, "# [jobs]", "# ["),
        "config/schema.json" => without_schema(text),
        "README.md" => Some(without_words(text)),
        _ => Some(text.to_owned()),
    };
    let without = without.ok_or_else(|| {
        Error::new(format!("the template `{}` has another shape", file.path)).exit(Exit::Internal)
    })?;
    Ok(Some(without.into_bytes()))
}

/// Whether a file of the shop is there for orders alone.
pub(super) fn is_of_orders(path: &str) -> bool {
    let is_test = || {
        TESTS
            .iter()
            .any(|test| path == format!("tests/it/{test}.rs"))
    };
    path.starts_with("src/orders/") || path.ends_with("_create_orders.rs") || is_test()
}

/// Takes what only jobs need out of the manifest.
pub(super) fn choose(manifest: &mut DocumentMut, parts: &[Part]) {
    if parts.contains(&Part::Jobs) {
        return;
    }
    for (kind, name) in [
        ("dependencies", "atlas"),
        ("dev-dependencies", "atlas-test"),
    ] {
        let features = manifest
            .get_mut(kind)
            .and_then(|it| it.get_mut(name))
            .and_then(|it| it.get_mut("features"))
            .and_then(Item::as_array_mut);
        if let Some(features) = features {
            let others = features.iter().filter_map(Value::as_str);
            *features = others.filter(|it| *it != "jobs").collect::<Array>();
        }
    }
    let dependencies = manifest.get_mut("dependencies");
    if let Some(dependencies) = dependencies.and_then(Item::as_table_mut) {
        dependencies.remove("tracing");
    }
}

fn without_lines(text: &str, modules: &[ModLine], calls: &[ChainCall]) -> Option<String> {
    let mut text = text.to_owned();
    let removals = modules
        .iter()
        .map(|it| Box::new(|text: &str| it.remove(text)) as Box<dyn Fn(&str) -> Edit>)
        .chain(
            calls
                .iter()
                .map(|it| Box::new(|text: &str| it.remove(text)) as _),
        );
    for remove in removals {
        match remove(&text) {
            Edit::Changed(after) => text = after,
            Edit::Same | Edit::Unknown => return None,
        }
    }
    Some(text)
}

fn without_migration(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.ends_with("_create_orders;"))?;
    let module = line.strip_prefix("mod ")?.strip_suffix(';')?;
    let call = format!("|| migration({module}::CreateOrders)");
    let call = ChainCall::new("module", "Module", "contribute", &call);
    without_lines(text, &[ModLine::private(module)], &[call])
}

/// The text without a section.
pub(crate) fn without_section(text: &str, head: &str, heads: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (start, end) = section(&lines, head, heads)?;
    // of the last one, the empty line above it goes too
    let start = if end == lines.len() {
        start.saturating_sub(1)
    } else {
        start
    };
    Some([&lines[..start], &lines[end..]].concat().concat())
}

/// The section of jobs in a file of the shop.
pub(crate) fn section_of_jobs(path: &str, head: &str, heads: &str) -> Option<String> {
    let lines: Vec<&str> = File::text(SHOP, path)?.split_inclusive('\n').collect();
    let (start, end) = section(&lines, head, heads)?;
    Some(lines[start..end].concat())
}

/// The lines of a section: from the comments above its head to those above the next head.
fn section(lines: &[&str], head: &str, heads: &str) -> Option<(usize, usize)> {
    let at = lines.iter().position(|line| line.trim_end() == head)?;
    let start_of = |at: usize| {
        let above = lines[..at].iter().rposition(|line| line.trim().is_empty());
        above.map_or(0, |empty| empty + 1)
    };
    let next = lines[at + 1..]
        .iter()
        .position(|line| line.starts_with(heads));
    Some((
        start_of(at),
        next.map_or(lines.len(), |next| start_of(at + 1 + next)),
    ))
}

/// The schema of the configuration without the section of jobs.
pub(crate) fn without_schema(text: &str) -> Option<String> {
    let mut schema: serde_json::Value = serde_json::from_str(text).ok()?;
    schema
        .get_mut("properties")?
        .as_object_mut()?
        .remove("jobs")?;
    Some(format!("{schema:#}\n"))
}

/// What the schema of the shop says of the section of jobs.
pub(crate) fn schema_of_jobs() -> Option<serde_json::Value> {
    let schema: serde_json::Value =
        serde_json::from_str(File::text(SHOP, "config/schema.json")?).ok()?;
    schema.get("properties")?.get("jobs").cloned()
}

/// The prose without the lines that speak of orders or of jobs.
fn without_words(text: &str) -> String {
    let speaks = |line: &str| {
        ["order", "jobs", "worker"]
            .iter()
            .any(|word| line.contains(word))
    };
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !speaks(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::without_section;

    #[test]
    fn a_section_goes_with_its_comments_and_the_others_stay() {
        let text = "# all\n\n# One.\n[one]\n\n# a key\n#key = 1\n\n# Jobs.\n[jobs]\n\n# b\n#b = [\n\n# Two.\n[two]\n#c = 3\n";
        let without = "# all\n\n# One.\n[one]\n\n# a key\n#key = 1\n\n# Two.\n[two]\n#c = 3\n";
        assert_eq!(
            without_section(text, "[jobs]", "[").as_deref(),
            Some(without)
        );
        let last = "[one]\n#key = 1\n\n# Jobs.\n[jobs]\n#b = 2\n";
        assert_eq!(
            without_section(last, "[jobs]", "[").as_deref(),
            Some("[one]\n#key = 1\n")
        );
        assert_eq!(without_section("[one]\n", "[jobs]", "["), None);
    }
}
