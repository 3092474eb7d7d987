//! The sources of a process, read but not yet judged.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atlas_core::Component;

use crate::options::Options;
use crate::problem::Problem;
use crate::profile::Profile;
use crate::resolution::Resolution;
use crate::section::Description;
use crate::source::{Entry, Layer, Node, Origin, read_dotenv, read_file};

/// The sources of a process, read but not yet judged: what they mean is known when the sections are.
///
/// Reading never fails. What is wrong with a source (a syntax error, a file that cannot be read) is kept and reported
/// together with what the sections find, so that one run shows everything.
#[derive(Clone)]
pub struct Config(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    profile: Profile,
    files: Vec<(Layer, Node)>,
    env_file: Arc<str>,
    dotenv: Vec<Entry>,
    env: Vec<(String, String)>,
    overrides: Vec<(String, String)>,
    sources: Vec<PathBuf>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    partial: bool,
}

impl Component for Config {}

impl Config {
    /// Reads the sources.
    #[must_use]
    pub fn load(options: &Options) -> Self {
        let mut problems = Vec::new();
        let mut sources = Vec::new();

        let (dir, dir_required) = directory(options);
        if dir_required && !dir.is_dir() {
            let what = if dir.exists() {
                "is not a folder"
            } else {
                "does not exist"
            };
            problems.push(
                Problem::new(format!("the configuration folder {} {what}", dir.display()))
                    .help("give the folder that holds `default.toml`, or leave the option out to use `config`"),
            );
        }
        let dotenv = match &options.env_file {
            Some(path) => read_dotenv(path, &mut problems),
            None => Vec::new(),
        };
        if let Some(path) = options.env_file.as_ref().filter(|path| path.is_file()) {
            sources.push(path.clone());
        }
        let env_file: Arc<str> = options
            .env_file
            .as_ref()
            .map_or_else(String::new, |it| it.display().to_string())
            .into();
        let profile = profile(options, &dotenv, &env_file, &mut problems);

        let mut files = Vec::new();
        let mut partial = false;
        let named = [
            (Layer::DefaultFile, "default"),
            (Layer::ProfileFile, profile.name()),
        ];
        // a folder that is none has been told about; its files would only repeat it
        for (layer, name) in named.into_iter().filter(|_| dir.is_dir()) {
            let path = dir.join(format!("{name}.toml"));
            let before = problems.len();
            if let Some(tree) = read_file(&path, &mut problems) {
                files.push((layer, tree));
                sources.push(path);
            }
            partial |= problems.len() > before;
        }
        for name in &options.unreadable {
            let origin = Origin::Environment {
                name: name.as_str().into(),
            };
            problems.push(
                Problem::new(format!("the value of `{name}` is not UTF-8 text"))
                    .origin(origin)
                    .help("set it again, or remove it"),
            );
        }
        Self(Arc::new(Inner {
            warnings: strays(&dir),
            dir,
            profile,
            files,
            env_file,
            dotenv,
            env: options.env.clone(),
            overrides: options.overrides.clone(),
            sources,
            problems,
            partial,
        }))
    }

    /// The profile that was asked for; development if nobody did.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.0.profile
    }

    /// The folder with the files, whether it exists or not.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The files that were found and read.
    #[must_use]
    pub fn sources(&self) -> &[PathBuf] {
        &self.0.sources
    }

    /// Judges the sources by the sections that an app has. Never fails: the problems are part of the answer.
    #[must_use]
    pub fn resolve(&self, sections: Vec<Description>) -> Resolution {
        Resolution::of(self, sections)
    }

    pub(crate) fn files(&self) -> &[(Layer, Node)] {
        &self.0.files
    }

    /// Variables of both layers as layer, name, value and origin.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (Layer, &str, &str, Origin)> {
        let path = &self.0.env_file;
        let dotenv = self.0.dotenv.iter().map(move |it| {
            let origin = Origin::DotEnv {
                path: path.clone(),
                line: it.line,
                name: it.name.as_str().into(),
            };
            (Layer::DotEnv, it.name.as_str(), it.value.as_str(), origin)
        });
        let env = self.0.env.iter().map(|(name, value)| {
            let origin = Origin::Environment {
                name: name.as_str().into(),
            };
            (Layer::Environment, name.as_str(), value.as_str(), origin)
        });
        dotenv.chain(env)
    }

    pub(crate) fn overrides(&self) -> &[(String, String)] {
        &self.0.overrides
    }

    /// Whether a file could not be read as a whole.
    pub(crate) fn is_partial(&self) -> bool {
        self.0.partial
    }

    pub(crate) fn warnings(&self) -> &[Problem] {
        &self.0.warnings
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        &self.0.problems
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("profile", &self.0.profile)
            .field("sources", &self.0.sources)
            .finish_non_exhaustive()
    }
}

/// The folder, and whether somebody asked for it by name.
fn directory(options: &Options) -> (PathBuf, bool) {
    if !options.dir_required
        && let Some((_, dir)) = options
            .env
            .iter()
            .rev()
            .find(|(name, dir)| name == "ATLAS_CONFIG_DIR" && !dir.is_empty())
    {
        return (Path::new(dir).to_owned(), true);
    }
    (options.dir.clone(), options.dir_required)
}

/// The profile: from the options, the environment, `.env`; a name that does not exist is a problem and counts as none.
fn profile(
    options: &Options,
    dotenv: &[Entry],
    env_file: &Arc<str>,
    problems: &mut Vec<Problem>,
) -> Profile {
    const NAME: &str = "ATLAS_PROFILE";
    if let Some(profile) = options.profile {
        return profile;
    }
    let from_env = options
        .env
        .iter()
        .rev()
        .find(|(name, value)| name == NAME && !value.is_empty());
    let from_file = || {
        dotenv
            .iter()
            .rev()
            .find(|it| it.name == NAME && !it.value.is_empty())
    };
    let (text, origin) = match from_env {
        Some((_, text)) => (text, Origin::Environment { name: NAME.into() }),
        None => match from_file() {
            Some(it) => (
                &it.value,
                Origin::DotEnv {
                    path: env_file.clone(),
                    line: it.line,
                    name: NAME.into(),
                },
            ),
            None => return Profile::default(),
        },
    };
    text.parse().unwrap_or_else(|error: crate::UnknownProfile| {
        let mut problem = Problem::new(error.to_string()).origin(origin);
        if let Some(near) = Profile::near(text) {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        problems.push(problem);
        Profile::default()
    })
}

/// Files that look as if they were meant for a profile, but are read in none.
fn strays(dir: &Path) -> Vec<Problem> {
    let Ok(files) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut strays: Vec<(PathBuf, Profile)> = files
        .filter_map(|file| {
            let path = file.ok()?.path();
            let name = path
                .file_name()?
                .to_str()?
                .strip_suffix(".toml")?
                .to_owned();
            let read = name == "default" || name.parse::<Profile>().is_ok();
            let near = Profile::near(&name).filter(|_| !read)?;
            Some((path, near))
        })
        .collect();
    strays.sort();
    let warnings = strays.into_iter().map(|(path, near)| {
        Problem::new(format!("{} is read in no profile", path.display()))
            .help(format!("did you mean `{near}.toml`?"))
    });
    warnings.collect()
}
