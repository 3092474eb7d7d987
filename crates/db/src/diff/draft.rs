//! The draft of a migration.

use sea_orm::DbBackend;

use super::{change::Change, source::Source};

/// A migration that takes the schema to what the entities say, for a person to read before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is called in its file's name: `add_sku_to_products`.
    pub name: String,
    /// The type that the migration is: `AddSkuToProducts`.
    pub type_name: String,
    /// The text of its file.
    pub source: String,
}

impl Draft {
    pub(super) fn new(name: &str, changes: &[Change], backend: DbBackend) -> Self {
        let words: Vec<String> = name
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let type_name: String = words.iter().map(|word| capital(word)).collect();
        let mut source = Source::new(backend);
        let up: String = changes.iter().map(|change| source.up(change)).collect();
        let down: String = changes
            .iter()
            .rev()
            .map(|change| source.down(change))
            .collect();
        let text = render(&words.join(" "), &type_name, changes, &source, &up, &down);
        Self {
            name: words.join("_"),
            type_name,
            source: text,
        }
    }
}

fn render(
    words: &str,
    type_name: &str,
    changes: &[Change],
    source: &Source,
    up: &str,
    down: &str,
) -> String {
    let sentence = capital(words);
    let mut text = format!(
        "//! {sentence}.\n//!\n//! Drafted from what the entities say and the migrations before it do not make: read it before it runs.\n"
    );
    let lost: Vec<String> = changes
        .iter()
        .map(Change::difference)
        .filter(|it| it.destructive)
        .map(|it| format!("//! - {}\n", it.what))
        .collect();
    if !lost.is_empty() {
        text.push_str("//!\n//! **Loses data**:\n//!\n");
        text.push_str(&lost.concat());
    }
    text.push_str("\nuse atlas::db::{\nMigration, Schema, file_name,\n");
    let imports: Vec<&str> = source.imports.iter().copied().collect();
    let query = match imports.as_slice() {
        [] => None,
        [one] => Some(format!("sea_query::{one}")),
        many => Some(format!("sea_query::{{{}}}", many.join(", "))),
    };
    match (source.asks, query) {
        (true, Some(query)) => {
            text.push_str(&format!("sea_orm::{{DbBackend, {query}}},\n"));
        }
        (true, None) => text.push_str("sea_orm::DbBackend,\n"),
        (false, Some(query)) => text.push_str(&format!("sea_orm::{query},\n")),
        (false, None) => {}
    }
    let parameter = |body: &str| {
        if body.contains("schema.") {
            "schema"
        } else {
            "_schema"
        }
    };
    text.push_str(&format!(
        "}};\n\n/// {sentence}.\npub(super) struct {type_name};\n\n\
         impl Migration for {type_name} {{\n\
         fn name(&self) -> &'static str {{\nfile_name(file!())\n}}\n\n\
         fn up(&self, {}: &mut Schema) {{\n{up}}}\n\n\
         fn down(&self, {}: &mut Schema) {{\n{down}}}\n}}\n",
        parameter(up),
        parameter(down),
    ));
    indented(&text)
}

/// Every line one deeper than the one that opened the bracket it stands in; a call in a chain one deeper still.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        let closing = line.starts_with([')', ']', '}']);
        let level = match (open.last(), closing) {
            (Some(opener), true) => *opener,
            (Some(opener), false) => opener + 1 + usize::from(line.starts_with('.')),
            (None, _) => 0,
        };
        if !line.is_empty() {
            out.push_str(&"    ".repeat(level));
            out.push_str(line);
        }
        out.push('\n');
        if line.starts_with("//") {
            continue;
        }
        match opened(line) {
            more @ 1.. => open.extend((0..more).map(|_| level)),
            fewer => open.truncate(open.len().saturating_sub(fewer.unsigned_abs())),
        }
    }
    out
}

/// How many brackets a line opens more than it closes, texts aside.
fn opened(line: &str) -> isize {
    let (mut count, mut in_text) = (0, false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_text => drop(letters.next()),
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => count += 1,
            ')' | ']' | '}' => count -= 1,
            _ => {}
        }
    }
    count
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}
