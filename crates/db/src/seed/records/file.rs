//! The file of a seed.

use std::{borrow::Cow, path::PathBuf};

use super::{
    fault::Fault,
    node::{Node, Position},
};

/// A file of records: TOML, YAML or JSON by the end of its name.
///
/// [`seed_file!`](crate::seed_file) makes one of a file of the package, as part of the binary.
#[derive(Clone, Debug)]
pub struct SeedFile {
    name: String,
    text: Text,
}

#[derive(Clone, Debug)]
enum Text {
    Embedded(&'static str),
    Path(PathBuf),
}

impl SeedFile {
    /// A text that is part of the binary, under the name that messages know it by.
    pub fn new(name: &str, text: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            text: Text::Embedded(text),
        }
    }

    /// A file that is read when the seed runs, for one too large to be part of the binary.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            text: Text::Path(path),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(&self) -> Result<Node, Fault> {
        let start = Position { line: 1, column: 1 };
        let text: Cow<'_, str> = match &self.text {
            Text::Embedded(text) => Cow::Borrowed(text),
            Text::Path(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Fault::new(format!("cannot read {}: {error}", self.name))
                        .help("make it a text file that this user may read")
                })?;
                Cow::Owned(text)
            }
        };
        // what some editors leave is no content
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let read = match self.name.rsplit('.').next() {
            Some("toml") => super::toml::read(text),
            Some("json") => super::json::read(text),
            #[cfg(feature = "yaml")]
            Some("yaml" | "yml") => super::yaml::read(text),
            #[cfg(not(feature = "yaml"))]
            Some("yaml" | "yml") => {
                return Err(Fault::new("this build does not read YAML")
                    .at(&self.name, start, "")
                    .help(
                        "enable the feature `yaml` of `atlas-kit`, or write it as TOML or JSON",
                    ));
            }
            _ => {
                return Err(
                    Fault::new("a file of records ends with `.toml`, `.yaml` or `.json`")
                        .at(&self.name, start, "")
                        .help("rename it"),
                );
            }
        };
        read.map_err(|flaw| Fault::new(flaw.problem).at(&self.name, flaw.at, ""))
    }
}

/// A file of the package as a [`SeedFile`], part of the binary: `seed_file!("seeds/teas.yaml")`. The path is that from the
/// folder of `Cargo.toml`.
#[macro_export]
macro_rules! seed_file {
    ($path:literal) => {
        $crate::seed::SeedFile::new(
            $path,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)),
        )
    };
}
