//! Which sources are read.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::profile::Profile;
use crate::source::PREFIX;

/// Which sources are read, and the values that are not in files.
///
/// [`Options::default`] reads only the folder `config` and nothing of the process, which is what tests want;
/// [`Options::from_process`] is what `main` wants.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The folder with `default.toml` and the files of the profiles; `config` unless said otherwise.
    pub dir: PathBuf,
    /// Whether it is an error that the folder does not exist: when somebody asked for it by name.
    pub dir_required: bool,
    /// The file with variables for a developer's machine, usually `.env`; it may be missing.
    pub env_file: Option<PathBuf>,
    /// The profile; else `ATLAS_PROFILE` decides, else it is development.
    pub profile: Option<Profile>,
    /// The environment: names and values. Only names that begin with `ATLAS_` are looked at.
    pub env: Vec<(String, String)>,
    /// Values from the command line, as key (`http.port`) and text; the last of a key wins.
    pub overrides: Vec<(String, String)>,
    /// Variables of Atlas whose values are no UTF-8 text.
    pub(crate) unreadable: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("config"),
            dir_required: false,
            env_file: None,
            profile: None,
            env: Vec::new(),
            overrides: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl Options {
    /// The options of this process: `config` and `.env` in the working directory, and the environment.
    #[must_use]
    pub fn from_process() -> Self {
        let options = Self {
            env_file: Some(PathBuf::from(".env")),
            ..Self::default()
        };
        options.variables(std::env::vars_os())
    }

    /// Adds the variables of Atlas among these, which is how those of the process get in. One whose value is no UTF-8
    /// text is a problem that is reported with the others.
    #[must_use]
    pub fn variables(mut self, all: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        for (name, value) in all {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if !name.starts_with(PREFIX) {
                continue;
            }
            match value.into_string() {
                Ok(value) => self.env.push((name, value)),
                Err(_) => self.unreadable.push(name),
            }
        }
        // the order of an environment is an accident; reports should not differ from run to run
        self.env.sort();
        self.unreadable.sort();
        self
    }

    /// Reads the files of this folder, which must exist.
    #[must_use]
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = dir.into();
        self.dir_required = true;
        self
    }

    /// Reads variables from this file, if it exists.
    #[must_use]
    pub fn env_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.env_file = Some(file.into());
        self
    }

    /// Settles the profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets a key as the command line does: above every other layer.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.push((key.into(), value.into()));
        self
    }

    /// Takes `key=value` apart, as it stands behind `--set`. The error is a sentence for the user.
    pub fn parse_override(text: &str) -> Result<(String, String), String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok((key.trim().to_owned(), value.to_owned()))
            }
            _ => Err("expected `key=value`, such as `http.port=8081`".to_owned()),
        }
    }
}

impl fmt::Debug for Options {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names(pairs: &[(String, String)]) -> Vec<&String> {
            pairs.iter().map(|(name, _)| name).collect()
        }
        f.debug_struct("Options")
            .field("dir", &self.dir)
            .field("env_file", &self.env_file)
            .field("profile", &self.profile)
            .field("env", &names(&self.env))
            .field("overrides", &names(&self.overrides))
            .finish_non_exhaustive()
    }
}
