//! Variables and command line, read with the help of the sections' schemas.

use std::path::Path;

use crate::coerce::coerce;
use crate::config::Config;
use crate::keys::{self, Key};
use crate::problem::Problem;
use crate::section::Description;
use crate::source::{Layer, Node, Origin, PREFIX, RESERVED, name_of, parse_key};

/// The layers that are no files, and what is wrong with them.
pub(crate) struct Read {
    pub(crate) layers: Vec<(Layer, Node)>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// Reads `.env`, environment and command line.
pub(crate) fn read(config: &Config, sections: &[Description]) -> Read {
    let mut read = Read {
        layers: Vec::new(),
        problems: Vec::new(),
        warnings: Vec::new(),
    };
    for layer in [Layer::DotEnv, Layer::Environment] {
        let mut tree = Node::table(Origin::BuiltIn);
        let variables = config
            .variables()
            .filter(|(of, name, ..)| *of == layer && is_ours(name));
        let mut set: Vec<(Vec<String>, String)> = Vec::new();
        for (_, name, value, origin) in variables {
            let Some((key, node)) = read.variable(name, value, &origin, sections) else {
                continue;
            };
            if let Some((_, other)) = set
                .iter()
                .find(|(path, other)| *path == key.path && other != name)
            {
                read.problems.push(
                    Problem::new(format!(
                        "`{}` is set twice: by `{other}` and by `{name}`",
                        key.name()
                    ))
                    .key(key.name())
                    .origin(origin)
                    .help("remove one of them"),
                );
            }
            tree.insert(&key.path, node);
            set.push((key.path, name.to_owned()));
        }
        read.layers.push((layer, tree));
    }
    let mut tree = Node::table(Origin::BuiltIn);
    for (name, value) in config.overrides() {
        let origin = Origin::CommandLine {
            key: name.as_str().into(),
        };
        match parse_key(name)
            .as_deref()
            .map(|path| (path, keys::by_path(sections, path)))
        {
            Some((path, Some(key))) => tree.insert(path, coerce(value, key.shape, &origin)),
            Some((path, None)) => {
                let mut problem = Problem::new(format!("`{name}` is not a known key"))
                    .key(name)
                    .origin(origin);
                if let Some(near) = keys::near(sections, path) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                read.problems.push(problem);
            }
            None => read.problems.push(
                Problem::new(format!("`{name}` is not a key"))
                    .origin(origin)
                    .help("write names with dots between them, such as `http.port`"),
            ),
        }
    }
    read.layers.push((Layer::CommandLine, tree));
    read
}

fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) && !RESERVED.iter().any(|it| it.name == name)
}

impl Read {
    /// The key and value of one variable; nothing if it is no key, and then that is noted.
    fn variable<'a>(
        &mut self,
        name: &str,
        value: &str,
        origin: &Origin,
        sections: &'a [Description],
    ) -> Option<(Key<'a>, Node)> {
        let words: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        if let Some(key) = keys::by_variable(sections, &words).filter(|_| words.len() > 1) {
            let node = coerce(value, key.shape, origin);
            return Some((key, node));
        }
        // a key that itself ends in `_file` was found above; only then is it a pointer
        if let Some(stem) = name.strip_suffix("_FILE") {
            let words: Vec<&str> = stem[PREFIX.len()..].split("__").collect();
            if let Some(key) = keys::by_variable(sections, &words).filter(|_| words.len() > 1) {
                let node = self.secret_file(&key, name, value, origin)?;
                return Some((key, node));
            }
        }
        self.unknown(name, value, origin, sections);
        None
    }

    fn secret_file(
        &mut self,
        key: &Key<'_>,
        name: &str,
        path: &str,
        origin: &Origin,
    ) -> Option<Node> {
        match std::fs::read_to_string(Path::new(path)) {
            Ok(text) => {
                // what an editor adds at the end belongs to the file and not to the secret
                let text = text
                    .strip_suffix('\n')
                    .map_or(text.as_str(), |it| it.strip_suffix('\r').unwrap_or(it));
                let origin = Origin::SecretFile {
                    path: path.into(),
                    name: name.into(),
                };
                Some(coerce(text, key.shape, &origin))
            }
            Err(error) => {
                self.problems.push(
                    Problem::new(format!(
                        "cannot read the file for `{}`: {path}: {error}",
                        key.name()
                    ))
                    .key(key.name())
                    .origin(origin.clone())
                    .help(format!(
                        "let `{name}` name a text file that this user may read"
                    )),
                );
                None
            }
        }
    }

    fn unknown(&mut self, name: &str, value: &str, origin: &Origin, sections: &[Description]) {
        let typed = &name[PREFIX.len()..];
        let problem =
            Problem::new(format!("`{name}` is not a known variable")).origin(origin.clone());
        if typed.contains("__") {
            let path: Vec<String> = typed
                .to_lowercase()
                .split("__")
                .map(str::to_owned)
                .collect();
            let help = match keys::near(sections, &path).and_then(|it| parse_key(&it)) {
                Some(near) => format!("did you mean `{}`?", name_of(&near)),
                None => "`config reference` lists every key with its variable".to_owned(),
            };
            return self.problems.push(problem.help(help));
        }
        // what Kubernetes sets for a Service that is called `atlas-…` looks like a slip but is none
        let is_link = value.starts_with("tcp://")
            || value.starts_with("udp://")
            || typed.contains("_SERVICE_");
        let names: Vec<String> = keys::of_all(sections).iter().map(Key::variable).collect();
        let known = names
            .iter()
            .map(String::as_str)
            .chain(RESERVED.iter().map(|it| it.name));
        match atlas_schema::closest(typed, known.map(|it| &it[PREFIX.len()..])) {
            Some(near) if !is_link => self
                .problems
                .push(problem.help(format!("did you mean `{PREFIX}{near}`?"))),
            _ => self
                .warnings
                .push(problem.help("if it is meant for another program, all is well")),
        }
    }
}
