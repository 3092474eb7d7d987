//! Sections, a scratch folder and golden files for all tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atlas_config::{
    ByteSize, Config, ConfigErrors, Description, Duration, Options, Problems, Profile, Resolution,
    Secret, Section,
};
use atlas_core::{Component, Diagnostic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The HTTP server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Http {
    /// The address to listen on.
    pub(crate) host: String,
    /// The port to listen on; `0` takes a free one.
    pub(crate) port: u16,
    /// How long a request may take.
    pub(crate) timeout: Duration,
    /// Limits on what clients send.
    pub(crate) limits: Limits,
    /// How connections are encrypted; plain without it.
    pub(crate) tls: Option<Tls>,
}

/// Limits on what clients send.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Limits {
    /// Bytes of a body.
    pub(crate) body: ByteSize,
    /// Connections at the same time.
    #[schemars(range(min = 1, max = 100_000))]
    pub(crate) connections: u32,
    /// Origins that may call from a browser.
    pub(crate) origins: Vec<String>,
}

/// How connections are encrypted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tls {
    /// The file with the certificates.
    pub(crate) cert_file: String,
    /// The private key.
    pub(crate) key: Secret,
}

impl Component for Http {}
impl Section for Http {
    const NAME: &'static str = "http";

    fn defaults(profile: Profile) -> Option<Self> {
        Some(Self {
            host: if profile.is_production() {
                "0.0.0.0"
            } else {
                "127.0.0.1"
            }
            .to_owned(),
            port: if profile == Profile::Test { 0 } else { 8080 },
            timeout: Duration::from_secs(30),
            limits: Limits {
                body: ByteSize::from_mib(2),
                connections: 1000,
                origins: Vec::new(),
            },
            tls: None,
        })
    }

    fn check(&self, problems: &mut Problems) {
        if self.timeout.is_zero() {
            problems.add("timeout", "would fail every request", "give at least `1s`");
        }
        if problems.profile().is_production() && self.limits.origins.iter().any(|it| it == "*") {
            problems.add(
                "limits.origins",
                "opens the service to every page",
                "list the origins",
            );
        }
    }
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Database {
    /// Where it is, with user and password.
    pub(crate) url: Secret,
    /// Connections kept open.
    #[serde(default = "ten")]
    pub(crate) pool: u8,
}

fn ten() -> u8 {
    10
}

impl Component for Database {}
impl Section for Database {
    const NAME: &'static str = "database";

    fn known_secrets() -> &'static [&'static str] {
        &["the-password-of-the-tutorial"]
    }
}

/// How the service logs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Log {
    /// The least level that is written.
    pub(crate) level: Level,
    /// Share of requests that are traced.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) sampling: f64,
    /// Whether lines are coloured; by the terminal if it is not set.
    pub(crate) colour: Option<bool>,
    /// Levels of single targets.
    pub(crate) targets: BTreeMap<String, Level>,
    /// The prefix of metrics.
    #[schemars(regex(pattern = "^[a-z_]+$"), length(max = 20))]
    pub(crate) prefix: String,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl Component for Log {}
impl Section for Log {
    const NAME: &'static str = "log";

    fn defaults(_: Profile) -> Option<Self> {
        Some(Self {
            level: Level::Info,
            sampling: 0.1,
            colour: None,
            targets: BTreeMap::new(),
            prefix: "shop".to_owned(),
        })
    }
}

/// A folder that is gone when the test is.
pub(crate) struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Writes a file, folders included.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Options that read `config` and `.env` of this folder.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::default().env_file(self.path(".env"));
        options.dir = self.path("config");
        options
    }

    /// A text with the folder's name taken out, so that it can be compared.
    pub(crate) fn plain(&self, text: impl ToString) -> String {
        text.to_string()
            .replace(&format!("{}/", self.dir.path().display()), "")
    }
}

/// The sections of most tests.
pub(crate) fn sections() -> Vec<Description> {
    vec![
        Description::of::<Http>(),
        Description::of::<Database>(),
        Description::of::<Log>(),
    ]
}

/// The sources judged by these sections.
pub(crate) fn resolve(options: &Options) -> Resolution {
    Config::load(options).resolve(sections())
}

/// The sources judged, when they must be right.
pub(crate) fn sound(options: &Options) -> Resolution {
    let resolution = resolve(options);
    if let Err(errors) = resolution.check_result() {
        panic!("{errors}");
    }
    resolution
}

/// The section `http` alone, when it must be right.
pub(crate) fn http(options: &Options) -> Http {
    let sections = vec![Description::of::<Http>()];
    let settings = atlas_config::Settings::check(&Config::load(options), sections);
    settings
        .and_then(|it| it.section())
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// The section `log` alone, when it must be right.
pub(crate) fn log(options: &Options) -> Log {
    let sections = vec![Description::of::<Log>()];
    let settings = atlas_config::Settings::check(&Config::load(options), sections);
    settings
        .and_then(|it| it.section())
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// The report about sources that must be wrong.
pub(crate) fn report(options: &Options, sections: Vec<Description>) -> ConfigErrors {
    Config::load(options)
        .resolve(sections)
        .check_result()
        .expect_err("something is wrong")
}

/// The report as a start prints it, held against a golden file.
pub(crate) fn golden_report(name: &str, scratch: &Scratch, options: &Options) {
    let errors = report(options, sections());
    golden(
        &format!("{name}.txt"),
        &scratch.plain(Diagnostic::from(errors)),
    );
}

/// Compares with a golden file; `UPDATE_GOLDEN=1` writes it.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/golden")
        .join(name);
    let text = format!("{}\n", text.trim_end());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text,
        expected,
        "{} differs; UPDATE_GOLDEN=1 writes it",
        path.display()
    );
}
