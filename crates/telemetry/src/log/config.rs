//! The section `log` of the configuration.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use atlas_config::{Profile, Section};
use atlas_core::Component;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// What is logged and how it looks: the section `log`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LogConfig {
    /// What is logged: a level (`off`, `error`, `warn`, `info`, `debug`, `trace`), and levels for single targets behind it,
    /// as in `info,my_service=debug,sqlx=warn`.
    pub level: Filter,
    /// How lines look: `pretty` for people, `json` for machines.
    pub format: Format,
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// For people: time of day, level, target, message and fields; coloured on a terminal.
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

/// Which lines are written: a level for all, and levels for targets that begin with a name.
///
/// ```
/// use atlas_telemetry::Filter;
/// let filter: Filter = "warn,shop=debug".parse().unwrap();
/// assert_eq!(filter.to_string(), "warn,shop=debug");
/// let error = "inof".parse::<Filter>().unwrap_err();
/// assert_eq!(error.to_string(), "`inof` is not a log level; use `off`, `error`, `warn`, `info`, `debug` or `trace`");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    text: String,
    targets: Targets,
}

impl Eq for Filter {}

impl Component for LogConfig {}

impl Section for LogConfig {
    const NAME: &'static str = "log";

    fn defaults(profile: Profile) -> Option<Self> {
        let format = match profile {
            Profile::Production => Format::Json,
            _ => Format::Pretty,
        };
        Some(Self::new(Filter::info(), format))
    }
}

impl LogConfig {
    /// Lines of `level` in `format`.
    pub fn new(level: Filter, format: Format) -> Self {
        Self { level, format }
    }
}

impl Filter {
    /// Everything at `INFO` and above.
    pub fn info() -> Self {
        Self {
            text: "info".to_owned(),
            targets: Targets::new().with_default(LevelFilter::INFO),
        }
    }

    /// Warnings and errors only, for commands whose output is their answer.
    pub fn warn() -> Self {
        Self {
            text: "warn".to_owned(),
            targets: Targets::new().with_default(LevelFilter::WARN),
        }
    }

    /// The same as a filter of `tracing-subscriber`.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }
}

/// What is wrong with a log filter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// A part is not a level.
    Level(String),
    /// A part is neither a level nor `target=level`.
    Target(String),
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        // a filter that names only targets still says something about all others
        let mut targets = Targets::new().with_default(LevelFilter::INFO);
        for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            targets = match part.split_once('=') {
                None => targets.with_default(level(part)?),
                Some((target, value)) if is_target(target.trim()) => {
                    targets.with_target(target.trim(), level(value.trim())?)
                }
                Some(_) => return Err(FilterError::Target(part.to_owned())),
            };
        }
        Ok(Self {
            text: text.to_owned(),
            targets,
        })
    }
}

fn level(text: &str) -> Result<LevelFilter, FilterError> {
    // the standard parser also takes numbers, which say nothing to a reader
    let known = !text.bytes().all(|byte| byte.is_ascii_digit());
    let level = text.parse().ok().filter(|_| known);
    level.ok_or_else(|| FilterError::Level(text.to_owned()))
}

fn is_target(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_:-.".contains(&byte))
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(text) => write!(
                f,
                "`{}` is not a log level; use `off`, `error`, `warn`, `info`, `debug` or `trace`",
                text.escape_debug()
            ),
            Self::Target(text) => write!(
                f,
                "`{}` is not a log filter; write `target=level`, as in `sqlx=warn`",
                text.escape_debug()
            ),
        }
    }
}

impl std::error::Error for FilterError {}

impl TryFrom<String> for Filter {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        text.parse()
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.text
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "LogFilter".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn targets_refine_the_level() {
        let filter: Filter = " warn , shop=debug, shop::audit=off ,".parse().unwrap();
        let targets = filter.targets();
        assert!(targets.would_enable("hyper", &Level::WARN));
        assert!(!targets.would_enable("hyper", &Level::INFO));
        assert!(targets.would_enable("shop::catalog", &Level::DEBUG));
        assert!(!targets.would_enable("shop::audit", &Level::ERROR));
    }

    #[test]
    fn targets_alone_leave_the_rest_at_info() {
        let filter: Filter = "shop=trace".parse().unwrap();
        assert!(filter.targets().would_enable("hyper", &Level::INFO));
        assert!(!filter.targets().would_enable("hyper", &Level::DEBUG));
    }

    #[test]
    fn what_is_no_level_or_target_is_refused() {
        for (text, expected) in [
            ("3", FilterError::Level("3".into())),
            ("info,shop=loud", FilterError::Level("loud".into())),
            ("sh op=info", FilterError::Target("sh op=info".into())),
            ("=info", FilterError::Target("=info".into())),
        ] {
            assert_eq!(text.parse::<Filter>(), Err(expected));
        }
    }
}
