//! Typed, layered configuration, with the origin of every value and every fault in one report.
//!
//! A [`Section`] is a plain struct with a name. Its values come from six layers, a later one wins:
//!
//! 1. built-in defaults of the section, which may differ by [`Profile`]
//! 2. `config/default.toml`
//! 3. `config/<profile>.toml`
//! 4. `.env`
//! 5. the environment: `ATLAS_HTTP__PORT=8081`, or `ATLAS_DATABASE__URL_FILE=/run/secrets/url` for a value in a file
//! 6. the command line: `--set http.port=8081`
//!
//! Nothing is accepted in silence. A misspelt key, a value of a wrong type, a broken file and a missing secret are all
//! told in one report, each with its place (`config/default.toml:3:8`), its rule and the way out; the process ends with
//! exit code 78 and code `A205`.
//!
//! ```
//! use atlas_config::{Config, Description, Options, Profile, Section, Settings};
//! use atlas_core::Component;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// The shop window.
//! #[derive(Clone, Serialize, Deserialize, JsonSchema)]
//! struct Window {
//!     /// Products on a page.
//!     page: u8,
//! }
//!
//! impl Component for Window {}
//! impl Section for Window {
//!     const NAME: &'static str = "window";
//!
//!     fn defaults(_: Profile) -> Option<Self> {
//!         Some(Self { page: 20 })
//!     }
//! }
//!
//! // an app says `.module(section::<Window>())`; this is what happens behind it
//! let config = Config::load(&Options::default().env("ATLAS_WINDOW__PAGE", "50"));
//! let settings = Settings::check(&config, vec![Description::of::<Window>()])?;
//! assert_eq!(settings.section::<Window>()?.page, 50);
//!
//! let config = Config::load(&Options::default().env("ATLAS_WINDOW__PAGE", "500"));
//! let errors = Settings::check(&config, vec![Description::of::<Window>()]).expect_err("too many");
//! assert_eq!(
//!     errors.problems()[0].to_string(),
//!     "`window.page = 500`: must be at most 255\n  \
//!      --> environment variable `ATLAS_WINDOW__PAGE`\n   \
//!      = rule: integer, 0 to 255",
//! );
//! # Ok::<(), atlas_config::ConfigErrors>(())
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | add a section to an app | [`section`] |
//! | take part in every app | [`module`]: [`Config`], [`Settings`], [`Profile`] |
//! | read other sources, in a test | [`Options`], and `replace` the [`Config`] |
//! | hold a secret, a span of time, a size | [`Secret`], [`Duration`], [`ByteSize`] |
//! | know where a value comes from | [`Resolution::explain`], [`Resolution::show`] |
//! | list every key | [`Reference`] |

mod build;
mod check;
mod coerce;
mod config;
mod keys;
mod label;
mod layers;
mod merge;
mod module;
mod options;
mod order;
mod problem;
mod problems;
mod production;
mod profile;
mod redact;
mod report;
mod resolution;
mod section;
mod settings;
mod shape;
mod source;
mod toml_text;
mod value;

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[doc = include_str!("../../../docs/configuration.md")]
    mod configuration {}
    #[doc = include_str!("../../../docs/errors/A205.md")]
    mod a205 {}
}

pub use self::config::Config;
pub use self::module::module;
pub use self::options::Options;
pub use self::problem::{ConfigErrors, Problem};
pub use self::problems::Problems;
pub use self::profile::{Profile, UnknownProfile};
pub use self::redact::without_password;
pub use self::report::{
    Explanation, Reference, ReferenceKey, ReferenceSection, Shadowed, Shown, ShownKey, UnknownKey,
};
pub use self::resolution::Resolution;
pub use self::section::{Description, Section, section};
pub use self::settings::Settings;
pub use self::source::{Layer, Origin, Variable};
pub use self::value::{ByteSize, Duration, ParseByteSizeError, ParseDurationError, Secret};
