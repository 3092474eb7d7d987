//! The reference as a page.

use std::fmt::Write as _;

use serde_json::Value;

use super::reference::{Reference, ReferenceKey};
use crate::profile::Profile;
use crate::toml_text;

impl Reference {
    /// As Markdown: a table for each section, and the variables that are no keys.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = String::new();
        // writing to a String cannot fail, here and below
        for section in &self.sections {
            let _ = write!(page, "## `[{}]`\n\n", section.name);
            if let Some(doc) = &section.doc {
                let _ = write!(page, "{doc}\n\n");
            }
            page.push_str("| key | takes | default | variable | what it is for |\n| --- | --- | --- | --- | --- |\n");
            for key in &section.keys {
                let doc = key.doc.as_deref().unwrap_or_default();
                let cells = [
                    format!("`{}`", key.key),
                    key.takes.clone(),
                    defaults(key),
                    format!("`{}`", key.variable),
                    doc.to_owned(),
                ];
                let cells: Vec<String> = cells.iter().map(|it| cell(it)).collect();
                let _ = writeln!(page, "| {} |", cells.join(" | "));
            }
            page.push('\n');
        }
        page.push_str(
            "## Variables that are no keys\n\n| variable | what it is for |\n| --- | --- |\n",
        );
        for variable in &self.variables {
            let _ = writeln!(page, "| `{}` | {} |", variable.name, cell(variable.doc));
        }
        page
    }
}

/// `8080`, or `8080`; test `0`.
fn defaults(key: &ReferenceKey) -> String {
    let said = |value: &Option<Value>| match value {
        Some(value) => format!("`{}`", toml_text::of(value)),
        None if key.required => "required".to_owned(),
        None => "not set".to_owned(),
    };
    let [development, rest @ ..] = &key.defaults;
    let mut text = said(development);
    for (profile, value) in Profile::ALL.iter().skip(1).zip(rest) {
        if value != development {
            let _ = write!(text, "; {profile} {}", said(value));
        }
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
