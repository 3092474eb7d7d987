//! The values that win, held against schema and rules.

use atlas_schema::Violation;
use serde_json::Value;

use crate::keys;
use crate::label;
use crate::problem::Problem;
use crate::redact::redacted;
use crate::resolution::Resolution;
use crate::section::Description;
use crate::shape::Shape;
use crate::source::{Content, Node, Origin, join, name_of, pointer_segments, quoted};
use crate::toml_text;

impl Resolution {
    /// Finds everything that is wrong, and builds the sections that are right.
    pub(crate) fn check(&mut self) {
        self.check_section_names();
        for section in self.sections().to_vec() {
            let values = self
                .merged()
                .child(section.name())
                .map_or_else(|| Value::Object(serde_json::Map::new()), Node::to_json);
            let violations = atlas_schema::violations(section.schema(), &values);
            let problems: Vec<Problem> = violations
                .iter()
                // what is missing cannot be known while a file is read only in part
                .filter(|it| it.code != "required" || !self.is_partial())
                .map(|it| self.problem_of(&section, it, &values))
                .collect();
            let reported: Vec<Vec<String>> = violations
                .iter()
                .map(|it| pointer_segments(&it.pointer))
                .collect();
            self.add(problems);
            self.build(&section, values, &reported);
            self.check_secrets(&section);
        }
    }

    /// Top-level names that no section has.
    fn check_section_names(&mut self) {
        let known: Vec<&str> = self.sections().iter().map(Description::name).collect();
        let unknown = self
            .merged()
            .members()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !known.contains(&name.as_str()));
        let problems = unknown.map(|(name, node)| {
            let path = [name.clone()];
            let what = if matches!(node.content, Content::Table(_)) {
                "section"
            } else {
                "key"
            };
            let mut problem =
                Problem::new(format!("`{}` is not a known {what}", quoted(name))).key(name);
            problem.origins = self.origins(&path);
            let near = atlas_schema::closest(name, known.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "the app has no sections".to_owned(),
                None => format!("the sections are {}", listed(&known)),
            };
            problem.help(help)
        });
        let problems: Vec<Problem> = problems.collect();
        self.add(problems);
    }

    fn problem_of(&self, section: &Description, violation: &Violation, values: &Value) -> Problem {
        let inner = pointer_segments(&violation.pointer);
        let path: Vec<String> = std::iter::once(section.name().to_owned())
            .chain(inner.iter().cloned())
            .collect();
        let key = join(&path);
        let shape = section.shape().at(&inner);
        match violation.code {
            "unknown" => self.unknown_key(violation, section, &path),
            "required" => {
                let mut problem = Problem::new(format!("`{key}` is missing"))
                    .key(&key)
                    .rule(shape.map(label::of));
                // within a list or a table of the user's, the place of that is the place to add it
                let parent = self.merged().nearest(&path);
                if parent.origin != Origin::BuiltIn && path.len() > 2 {
                    problem = problem.origin(parent.origin.clone());
                }
                problem.help(self.how_to_set(&path, shape.is_some_and(Shape::is_secret)))
            }
            _ => {
                let found = values.pointer(&violation.pointer).unwrap_or(&Value::Null);
                let shown = redacted(found, shape, path.last().map_or("", String::as_str));
                let message = match (violation.code, shape) {
                    ("type", Some(shape)) => format!(
                        "expected {}, found {}",
                        label::expected(shape),
                        label::found(found)
                    ),
                    _ => violation.message.clone(),
                };
                let mut problem =
                    Problem::new(format!("`{key} = {}`: {message}", toml_text::short(&shown)))
                        .key(&key)
                        .origin(self.merged().nearest(&path).origin.clone())
                        .rule(shape.and_then(|shape| rule(violation, shape)));
                if let Some(suggestion) = &violation.suggestion {
                    problem = problem.help(format!("did you mean `{suggestion}`?"));
                }
                match quotes_too_many(found, shape) {
                    Some(help)
                        if matches!(self.merged().nearest(&path).origin, Origin::File { .. }) =>
                    {
                        problem.help(help)
                    }
                    _ => problem,
                }
            }
        }
    }

    fn unknown_key(
        &self,
        violation: &Violation,
        section: &Description,
        path: &[String],
    ) -> Problem {
        let key = join(path);
        let mut problem = Problem::new(format!("`{key}` is not a known key")).key(&key);
        problem.origins = self.origins(path);
        let parent = &path[..path.len() - 1];
        let near = match &violation.suggestion {
            Some(name) => Some(join(&[parent, std::slice::from_ref(name)].concat())),
            None => keys::near(self.sections(), path),
        };
        if let Some(near) = near {
            return problem.help(format!("did you mean `{near}`?"));
        }
        let shape = section.shape().at(&parent[1..]);
        let names: Vec<&str> = shape
            .map(|it| it.properties().into_iter().map(|(name, _)| name).collect())
            .unwrap_or_default();
        match names.is_empty() {
            true => problem.help(format!("`{}` has no keys", join(parent))),
            false => problem.help(format!(
                "the keys of `{}` are {}",
                join(parent),
                listed(&names)
            )),
        }
    }

    /// Everywhere a path is written, the weakest layer first.
    fn origins(&self, path: &[String]) -> Vec<Origin> {
        self.layers()
            .iter()
            .filter_map(|(_, layer)| layer.at(path))
            .map(|node| node.origin.clone())
            .collect()
    }

    fn how_to_set(&self, path: &[String], secret: bool) -> String {
        let name = name_of(path);
        if secret {
            return format!(
                "set `{name}` in the environment, or let `{name}_FILE` name a file that holds it"
            );
        }
        let (section, key) = (quoted(&path[0]), join(&path[1..]));
        let file = self.dir().join(format!("{}.toml", self.profile()));
        format!(
            "add `{key} = …` under `[{section}]` in {}, or set `{name}`",
            file.display()
        )
    }
}

/// The whole rule, where the message says only the part that is broken.
fn rule(violation: &Violation, shape: Shape<'_>) -> Option<String> {
    let label = label::of(shape);
    (violation.code != "enum" && label.contains(", ")).then_some(label)
}

/// `port = "8080"` is the commonest slip of all.
fn quotes_too_many(found: &Value, shape: Option<Shape<'_>>) -> Option<&'static str> {
    let (text, shape) = (found.as_str()?, shape?);
    let number = (shape.allows("integer") || shape.allows("number")) && text.parse::<f64>().is_ok();
    let boolean = shape.allows("boolean") && text.parse::<bool>().is_ok();
    (number || boolean).then_some("remove the quotes")
}

fn listed(names: &[&str]) -> String {
    let mut said: Vec<String> = names
        .iter()
        .take(12)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > said.len() {
        said.push(format!("and {} more", names.len() - said.len()));
    }
    said.join(", ")
}
