//! The reference as files to begin with.

use std::fmt::Write as _;

use serde_json::Value;

use super::reference::{Reference, ReferenceKey};
use crate::profile::Profile;
use crate::toml_text;

impl Reference {
    /// As a `config/default.toml` in which every key stands with its default, commented out: taking all the `#` away
    /// changes nothing. Its first line names the [schema](Self::to_json_schema) beside it, for editors.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut file = String::from(
            "#:schema schema.json\n\
             # Every key with its default. Take the `#` away to change one for all profiles; what only one profile needs\n\
             # goes into development.toml, test.toml or production.toml. The environment is stronger than all files.\n",
        );
        for section in &self.sections {
            file.push('\n');
            comment(&mut file, section.doc.as_deref());
            // writing to a String cannot fail, here and below
            let _ = writeln!(file, "[{}]", section.name);
            for key in &section.keys {
                file.push('\n');
                comment(&mut file, key.doc.as_deref());
                let _ = writeln!(file, "# {}", notes(key));
                let value = key.defaults[0]
                    .as_ref()
                    .filter(|_| !key.secret)
                    .unwrap_or(&key.example);
                let _ = writeln!(file, "#{} = {}", key.name, toml_text::of(value));
            }
        }
        file
    }

    /// As an `.env.example`: the variable of every key, commented out.
    #[must_use]
    pub fn to_env_example(&self) -> String {
        let mut file = String::from(
            "# Copy to `.env` for settings of this machine only; it is never committed. The environment is stronger.\n",
        );
        for variable in &self.variables {
            // what only tools set is not for people
            if variable.name == "ATLAS_PROFILE" {
                let _ = write!(
                    file,
                    "\n# {}\n#{}=development\n",
                    variable.doc, variable.name
                );
            }
        }
        for section in &self.sections {
            let _ = write!(file, "\n# [{}]\n", section.name);
            for key in &section.keys {
                let value = key.defaults[0]
                    .as_ref()
                    .filter(|_| !key.secret)
                    .unwrap_or(&key.example);
                let _ = writeln!(file, "#{}={}", key.variable, plain(value));
            }
        }
        file
    }
}

fn comment(file: &mut String, doc: Option<&str>) {
    for line in doc.into_iter().flat_map(str::lines) {
        let text = format!("# {line}");
        let _ = writeln!(file, "{}", text.trim_end());
    }
}

/// What it takes, its variable, and where its default is another one.
fn notes(key: &ReferenceKey) -> String {
    let mut notes = vec![key.takes.clone(), key.variable.clone()];
    let [development, rest @ ..] = &key.defaults;
    if development.is_none() {
        notes.push(
            if key.required {
                "required"
            } else {
                "not set by default"
            }
            .to_owned(),
        );
    }
    for (profile, value) in Profile::ALL.iter().skip(1).zip(rest) {
        match value {
            _ if value == development => {}
            Some(value) => notes.push(format!("in {profile} {}", toml_text::of(value))),
            None => notes.push(format!("no default in {profile}")),
        }
    }
    notes.join(" · ")
}

/// A value as a variable holds it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text)
            if text.contains(|it: char| it.is_whitespace() || "#'\"".contains(it)) =>
        {
            toml_text::of(value)
        }
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|it| !it.is_array() && !it.is_object()) => {
            items.iter().map(plain).collect::<Vec<_>>().join(",")
        }
        Value::Array(_) | Value::Object(_) => format!("'{}'", toml_text::of(value)),
        other => other.to_string(),
    }
}
