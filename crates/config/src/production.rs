//! What only production refuses.

use crate::problem::Problem;
use crate::profile::Profile;
use crate::redact::password_in_url;
use crate::resolution::Resolution;
use crate::section::Description;
use crate::shape::Shape;
use crate::source::{Content, Node, Origin, join, name_of};

pub(crate) const KNOWN: &str = "is a secret that the world knows, and production refuses it";
pub(crate) const KNOWN_HELP: &str = "make one that nobody can guess: `openssl rand -base64 32`";

/// Secrets of tutorials, images and examples.
const WELL_KNOWN: [&str; 30] = [
    "123456",
    "12345678",
    "123456789",
    "admin",
    "atlas",
    "changeit",
    "changeme",
    "change-me",
    "change_me",
    "default",
    "demo",
    "dev",
    "development",
    "example",
    "foobar",
    "guest",
    "hunter2",
    "insecure",
    "letmein",
    "minioadmin",
    "mysql",
    "password",
    "postgres",
    "qwerty",
    "redis",
    "root",
    "secret",
    "supersecret",
    "test",
    "your-secret-key",
];

/// Beginnings by which examples say that they are examples.
const MARKS: [&str; 4] = ["dev-only", "development-only", "insecure-", "change-me"];

/// Whether a secret is none, because everybody has it. For a URL, its password counts.
pub(crate) fn is_known(secret: &str, also: &[&str]) -> bool {
    let word = password_in_url(secret).unwrap_or(secret);
    let folded = word.trim().to_lowercase();
    also.contains(&word)
        || also.contains(&secret)
        || WELL_KNOWN.contains(&folded.as_str())
        || MARKS.iter().any(|mark| folded.starts_with(mark))
}

impl Resolution {
    /// Refuses secrets that are known, or that lie about in `.env`.
    pub(crate) fn check_secrets(&mut self, description: &Description) {
        if !self.profile().is_production() {
            return;
        }
        let Some(node) = self.merged().child(description.name()) else {
            return;
        };
        let others: Vec<String> = [Profile::Development, Profile::Test]
            .into_iter()
            .flat_map(|profile| {
                let mut found = Vec::new();
                let defaults = Node::of_json(description.defaults(profile), &Origin::BuiltIn);
                each_secret(
                    &defaults,
                    description.shape(),
                    &mut Vec::new(),
                    &mut |_, text, _| found.push(text.to_owned()),
                );
                found
            })
            .collect();
        let mut also: Vec<&str> = description.known_secrets().to_vec();
        also.extend(others.iter().map(String::as_str));

        let mut problems = Vec::new();
        each_secret(
            node,
            description.shape(),
            &mut vec![description.name().to_owned()],
            &mut |path, text, origin| {
                let key = join(path);
                // a default that production itself has is no accident
                if *origin != Origin::BuiltIn && is_known(text, &also) {
                    problems.push(
                        Problem::new(format!("`{key}` {KNOWN}"))
                            .key(&key)
                            .origin(origin.clone())
                            .help(KNOWN_HELP),
                    );
                }
                if matches!(origin, Origin::DotEnv { .. }) {
                    let name = name_of(path);
                    problems.push(
                    Problem::new(format!("`{key}` is a secret, and production takes none from a `.env` file"))
                        .key(&key)
                        .origin(origin.clone())
                        .help(format!("set `{name}` in the environment, or let `{name}_FILE` name a file that holds it")),
                );
                }
            },
        );
        self.add(problems);
    }
}

/// Calls `visit` with path, text and origin of every secret.
fn each_secret(
    node: &Node,
    shape: Shape<'_>,
    path: &mut Vec<String>,
    visit: &mut impl FnMut(&[String], &str, &Origin),
) {
    let secret = shape.is_secret();
    match &node.content {
        Content::Scalar(value) => {
            let text = value
                .as_str()
                .filter(|text| secret || password_in_url(text).is_some());
            if let Some(text) = text {
                visit(path, text, &node.origin);
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                if let Some(shape) = shape.items() {
                    each_secret(item, shape, path, visit);
                }
                path.pop();
            }
        }
        Content::Table(members) => {
            for (name, member) in members {
                path.push(name.clone());
                if let Some(shape) = shape.member(name) {
                    each_secret(member, shape, path, visit);
                }
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn a_known_password_is_found_in_a_url_whatever_it_holds() {
        assert!(is_known("postgres://shop:change-me/now?#@db/shop", &[]));
        assert!(is_known("mysql://shop:p@ss/w@db/shop", &["p@ss/w"]));
        assert!(!is_known("postgres://shop:b/8Fq?2#x@db/shop", &[]));
    }
}
