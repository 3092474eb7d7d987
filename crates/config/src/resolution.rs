//! The sources seen through the sections: layers, the values that win, and everything that is wrong.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::layers;
use crate::merge::merged;
use crate::problem::{ConfigErrors, Problem};
use crate::profile::Profile;
use crate::section::Description;
use crate::source::{Layer, Node, Origin};

/// The sources seen through the sections of an app: which value wins, where it comes from, and everything that is wrong.
///
/// It exists even for a configuration that is wrong, because `config explain` is needed most then.
pub struct Resolution {
    dir: PathBuf,
    profile: Profile,
    sections: Vec<Description>,
    layers: Vec<(Layer, Node)>,
    merged: Node,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    partial: bool,
    pub(crate) values: BTreeMap<&'static str, Box<dyn Any + Send + Sync>>,
}

impl Resolution {
    pub(crate) fn of(config: &Config, sections: Vec<Description>) -> Self {
        let profile = config.profile();
        let mut resolution = Self {
            dir: config.dir().to_owned(),
            profile,
            sections: Vec::new(),
            layers: Vec::new(),
            merged: Node::table(Origin::BuiltIn),
            problems: config.problems().to_vec(),
            warnings: config.warnings().to_vec(),
            partial: config.is_partial(),
            values: BTreeMap::new(),
        };
        resolution.accept(sections);

        let mut built_in = Node::table(Origin::BuiltIn);
        for section in &resolution.sections {
            let defaults = Node::of_json(section.defaults(profile), &Origin::BuiltIn);
            built_in.insert(&[section.name().to_owned()], defaults);
        }
        resolution.layers.push((Layer::BuiltIn, built_in));
        resolution.layers.extend(config.files().iter().cloned());
        let read = layers::read(config, &resolution.sections);
        resolution.layers.extend(read.layers);
        resolution.problems.extend(read.problems);
        resolution.warnings.extend(read.warnings);

        resolution.merged = merged(&resolution.layers, &resolution.sections);
        resolution.check();
        resolution
    }

    /// Takes the sections whose names are good, and each name once.
    fn accept(&mut self, sections: Vec<Description>) {
        for section in sections {
            let name = section.name();
            let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
                && !name.contains("__");
            let other = self.sections.iter().find(|it| it.name() == name);
            if !plain {
                let what = format!(
                    "`{name}` cannot be the name of a section (`{}`)",
                    section.type_name()
                );
                self.problems
                    .push(Problem::new(what).help("use lower case letters, digits and single `_`"));
            } else if let Some(other) = other {
                let what = format!(
                    "two types claim the section `{name}`: `{}` and `{}`",
                    other.type_name(),
                    section.type_name()
                );
                self.problems
                    .push(Problem::new(what).help("give one of them another `NAME`"));
            } else {
                self.sections.push(section);
            }
        }
        self.sections.sort_by_key(Description::name);
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Everything that is wrong; empty if the service may start.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What is odd but no error: variables that begin with `ATLAS_` and mean nothing here, files of no profile.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// `Ok` if nothing is wrong: what `config check` asks.
    pub fn check_result(&self) -> Result<(), ConfigErrors> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigErrors::new(self.profile, self.problems.clone()))
        }
    }

    /// The folder with the files.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn sections(&self) -> &[Description] {
        &self.sections
    }

    pub(crate) fn layers(&self) -> &[(Layer, Node)] {
        &self.layers
    }

    pub(crate) fn merged(&self) -> &Node {
        &self.merged
    }

    /// Whether a file could not be read as a whole, so that what it sets is not known.
    pub(crate) fn is_partial(&self) -> bool {
        self.partial
    }

    pub(crate) fn add(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }
}

impl fmt::Debug for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolution")
            .field("profile", &self.profile)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}
