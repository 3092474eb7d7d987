//! Sections made of their values, and what only they know to be wrong.

use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::problems::{Finding, Problems};
use crate::profile::Profile;
use crate::redact::redacted;
use crate::resolution::Resolution;
use crate::section::Description;
use crate::source::join;
use crate::toml_text;

impl Resolution {
    /// Makes the section and asks it for its own rules. Keys at the paths `reported` are known to be wrong: they are put
    /// back to their defaults, so that what else is wrong is found in the same run.
    pub(crate) fn build(&mut self, section: &Description, values: Value, reported: &[Vec<String>]) {
        let defaults = section.defaults(self.profile());
        let mut good = values.clone();
        let mut faulty = reported.to_vec();
        for path in reported {
            reset(&mut good, path, &defaults);
        }
        loop {
            let mut problems = Problems::new(self.profile(), section.known_secrets());
            let error = match section.build(good.clone(), &mut problems) {
                Ok(value) => {
                    let found = problems.into_found();
                    if found.is_empty() && faulty.is_empty() {
                        self.values.insert(section.name(), value);
                    }
                    return self.add_findings(section, &values, found, &faulty);
                }
                Err(error) => error.to_string(),
            };
            let said = words(&error, self.profile(), &good, section);
            // a field that is missing is the schema's business, or a consequence of what was taken away here
            let culprit = (!error.starts_with("missing field"))
                .then(|| culprit(section, self, &good, &defaults, &error))
                .flatten();
            match culprit {
                Some(path) => {
                    let message = format!("is refused{said}");
                    self.add([self.finding(section, &values, &path, &message)]);
                    reset(&mut good, &path, &defaults);
                    faulty.push(path);
                }
                None => {
                    // after the first fault it may only be a consequence
                    if faulty.is_empty() {
                        let what = format!("section `{}` is refused{said}", section.name());
                        self.add([Problem::new(what).key(section.name())]);
                    }
                    return;
                }
            }
        }
    }

    /// Adds what a section found wrong, but for keys that are reported already.
    fn add_findings(
        &mut self,
        section: &Description,
        values: &Value,
        found: Vec<Finding>,
        faulty: &[Vec<String>],
    ) {
        let problems: Vec<Problem> = found
            .into_iter()
            .map(|it| (path_of(&it.key), it))
            .filter(|(path, _)| {
                !faulty
                    .iter()
                    .any(|known| known.starts_with(path) || path.starts_with(known))
            })
            .map(|(path, it)| {
                self.finding(section, values, &path, &it.message)
                    .help(it.help)
            })
            .collect();
        self.add(problems);
    }

    /// A problem with one key, named with its value and place.
    fn finding(
        &self,
        section: &Description,
        values: &Value,
        inner: &[String],
        message: &str,
    ) -> Problem {
        let path: Vec<String> = std::iter::once(section.name().to_owned())
            .chain(inner.iter().cloned())
            .collect();
        let key = join(&path);
        let title = match at(values, inner).filter(|it| !it.is_object()) {
            Some(value) => {
                let name = path.last().map_or("", String::as_str);
                let shown = redacted(value, section.shape().at(inner), name);
                format!("`{key} = {}` {message}", toml_text::short(&shown))
            }
            None => format!("`{key}` {message}"),
        };
        let problem = Problem::new(title).key(&key);
        match self.merged().at(&path) {
            Some(node) => problem.origin(node.origin.clone()),
            None => problem,
        }
    }
}

/// The key whose value a type refuses although its schema does not: the one without which the error is another.
fn culprit(
    section: &Description,
    resolution: &Resolution,
    values: &Value,
    defaults: &Value,
    error: &str,
) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    leaves(values, &mut Vec::new(), &mut paths);
    paths.into_iter().find(|path| {
        let mut without = values.clone();
        reset(&mut without, path, defaults);
        let mut ignored = Problems::new(resolution.profile(), &[]);
        let changed = without != *values;
        changed
            && section
                .build(without, &mut ignored)
                .err()
                .is_none_or(|it| it.to_string() != error)
    })
}

/// The paths of all values that are no tables.
fn leaves(value: &Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(members) if !members.is_empty() || path.is_empty() => {
            for (name, member) in members {
                path.push(name.clone());
                leaves(member, path, paths);
                path.pop();
            }
        }
        _ => paths.push(path.clone()),
    }
}

/// Puts the value at a path back to its default, or takes it away if there is none.
fn reset(values: &mut Value, path: &[String], defaults: &Value) {
    let Some((last, tables)) = path.split_last() else {
        // the section itself is no table
        *values = if defaults.is_object() {
            defaults.clone()
        } else {
            Value::Object(Map::new())
        };
        return;
    };
    let parent = tables
        .iter()
        .try_fold(&mut *values, |value, name| match value {
            Value::Object(members) => members.get_mut(name),
            Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
            _ => None,
        });
    match (parent, at(defaults, path).filter(|it| !it.is_null())) {
        (Some(Value::Object(members)), Some(default)) => {
            members.insert(last.clone(), default.clone());
        }
        (Some(Value::Object(members)), None) => {
            members.remove(last);
        }
        // a list with one bad element is put back as a whole
        _ => reset(values, tables, defaults),
    }
}

fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// The path of a key as a section names it: `tls.certificate`, or nothing for the section itself.
fn path_of(key: &str) -> Vec<String> {
    key.split('.')
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Serde's words about `error`, unless a secret takes part in them: they repeat values, quoted, escaped or cut, and no search
/// finds all of that. They are shown only when the same values without their secrets lead to the very same words.
fn words(error: &str, profile: Profile, values: &Value, section: &Description) -> String {
    let harmless = redacted(values, Some(section.shape()), "");
    let mut ignored = Problems::new(profile, section.known_secrets());
    match section.build(harmless, &mut ignored) {
        Err(same) if same.to_string() == error => format!(": {error}"),
        _ => "; why is not shown, because it has to do with a secret".to_owned(),
    }
}
