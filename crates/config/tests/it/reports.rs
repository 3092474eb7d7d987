//! The words of every error, as golden files.

use atlas_config::{Config, Description, Options, Profile, Section};
use atlas_core::{Component, Diagnostic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{Scratch, golden, golden_report, report, sections};

/// So that a golden file shows one fault and not also the missing database.
fn complete(options: Options) -> Options {
    options.env("ATLAS_DATABASE__URL", "sqlite::memory:")
}

fn of_files(name: &str, scratch: Scratch) {
    golden_report(name, &scratch, &complete(scratch.options()));
}

#[test]
fn unknown_keys_are_told_at_every_place_with_a_suggestion() {
    of_files(
        "unknown_key",
        Scratch::new()
            .file(
                "config/default.toml",
                "[http]\nprot = 1\nlevel = \"info\"\n[http.limits]\nbrust = 1\n",
            )
            .file("config/development.toml", "http.prot = 2\n"),
    );
}

#[test]
fn unknown_sections_are_told_with_a_suggestion() {
    of_files(
        "unknown_section",
        Scratch::new().file(
            "config/default.toml",
            "port = 1\n[htpp]\nport = 1\n[kafka]\nbrokers = []\n",
        ),
    );
}

#[test]
fn wrong_types_are_told_with_what_was_expected() {
    of_files(
        "wrong_type",
        Scratch::new().file(
            "config/default.toml",
            "[http]\nhost = 5\nport = \"8080\"\ntimeout = 30\ntls = true\n\n[http.limits]\nconnections = 1.5\norigins = [\"a\", 2]\n\n[log]\ncolour = \"true\"\ntargets = []\n",
        ),
    );
}

#[test]
fn a_section_that_is_no_table_is_told() {
    of_files(
        "section_is_no_table",
        Scratch::new().file("config/default.toml", "http = 8080\n"),
    );
}

#[test]
fn broken_rules_are_told_with_the_rule() {
    of_files(
        "broken_rule",
        Scratch::new().file(
            "config/default.toml",
            "[http]\nport = 70000\ntimeout = \"soon\"\nlimits.connections = 0\nlimits.body = \"2 apples\"\n\n[log]\nlevel = \"wran\"\nsampling = 1.1\nprefix = \"Shop\"\ntargets.sqlx = \"loud\"\n",
        ),
    );
}

#[test]
fn missing_keys_are_told_with_the_way_to_set_them() {
    let scratch = Scratch::new().file("config/default.toml", "[http.tls]\n");
    golden_report(
        "missing_key",
        &scratch,
        &scratch.options().profile(Profile::Production),
    );
}

#[test]
fn rules_between_keys_are_told_when_every_key_alone_is_good() {
    let scratch = Scratch::new().file("config/production.toml", "http.limits.origins = [\"*\"]\n");
    let options = complete(scratch.options())
        .profile(Profile::Production)
        .set("http.timeout", "0s");
    golden_report("cross_field", &scratch, &options);
}

#[test]
fn syntax_errors_of_all_files_are_told_at_once_and_other_faults_with_them() {
    of_files(
        "syntax",
        Scratch::new()
            .file("config/default.toml", "[http]\nport = \nhost = \"a\"\nprot = 1\n")
            .file("config/development.toml", "[log\nlevel = \"info\"\nlevel = \"warn\"\n")
            .file(".env", "ATLAS_HTTP__PORT\n1=2\nATLAS_LOG__LEVEL=\"open\nATLAS_LOG__PREFIX='a'b\nATLAS_HTTP__HOST=a\nATLAS_HTTP__HOST=b\n"),
    );
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let scratch = Scratch::new()
        .file("config/default.toml/is_a_folder", "")
        .file("config/development.toml", b"[http]\nhost = \"caf\xe9\"\n")
        .file(".env/is_a_folder", "");
    golden_report("unreadable", &scratch, &complete(scratch.options()));
}

#[test]
fn wrong_variables_are_told_by_name() {
    let scratch = Scratch::new()
        .file(".env", "ATLAS_HTTP__PRT=1\n")
        .file("key", b"\xff");
    let key = scratch.path("key").display().to_string();
    let options = complete(scratch.options())
        .env("ATLAS_HTTP__PORT", "many")
        .env("ATLAS_HTP__HOST", "a")
        .env("ATLAS_NOTHING__LIKE__IT", "a")
        .env("ATLAS_PROFIL", "test")
        .env("ATLAS_LOG__COLOUR", "yes")
        .env("ATLAS_LOG__LEVEL", "info")
        .env(
            "ATLAS_LOG__LEVEL_FILE",
            scratch.path("missing").display().to_string(),
        )
        .env("ATLAS_HTTP__TLS__CERT_FILE", "cert.pem")
        .env("ATLAS_HTTP__TLS__KEY_FILE", key);
    golden_report("variables", &scratch, &options);
}

#[test]
fn a_key_set_by_a_variable_and_by_a_file_is_told() {
    let scratch = Scratch::new().file("url", "sqlite::memory:");
    let url = scratch.path("url").display().to_string();
    let options = complete(scratch.options()).env("ATLAS_DATABASE__URL_FILE", url);
    golden_report("set_twice", &scratch, &options);
}

#[test]
fn wrong_overrides_are_told_as_typed() {
    let scratch = Scratch::new();
    let options = complete(scratch.options())
        .set("http.prot", "1")
        .set("port", "1")
        .set("http..port", "1")
        .set("http.port", "-1");
    golden_report("overrides", &scratch, &options);
}

#[test]
fn variables_that_are_no_text_are_told() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let not_text = || OsString::from_vec(vec![b'a', 0xff]);
    let options = complete(Options::default()).variables([
        (OsString::from("ATLAS_HTTP__HOST"), not_text()),
        (OsString::from("OTHER"), not_text()),
        (not_text(), OsString::from("a")),
    ]);
    golden_report("not_text", &Scratch::new(), &options);
}

#[test]
fn a_profile_that_does_not_exist_is_told_with_all_the_rest() {
    let scratch = Scratch::new();
    let options = scratch
        .options()
        .env("ATLAS_PROFILE", "prodution")
        .env("ATLAS_HTTP__PORT", "x");
    golden_report("unknown_profile", &scratch, &options);
}

#[test]
fn a_folder_that_was_asked_for_must_exist() {
    let scratch = Scratch::new().file("file", "");
    let options = complete(scratch.options());
    golden_report(
        "missing_folder",
        &scratch,
        &options.clone().dir(scratch.path("nowhere")),
    );
    golden_report(
        "folder_is_a_file",
        &scratch,
        &options.dir(scratch.path("file")),
    );
}

/// A section whose type takes less than its schema says.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Picky {
    /// A name without spaces.
    #[serde(deserialize_with = "without_spaces")]
    name: String,
    /// A key without spaces.
    #[serde(deserialize_with = "without_spaces")]
    #[schemars(with = "atlas_config::Secret")]
    key: String,
    /// A key whose refusal quotes it as serde does.
    #[serde(default, deserialize_with = "never")]
    #[schemars(with = "Option<atlas_config::Secret>")]
    quoted: Option<String>,
}

fn never<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    use serde::de::{Error, Unexpected};
    match Option::<String>::deserialize(deserializer)? {
        Some(text) => Err(Error::invalid_value(Unexpected::Str(&text), &"no key")),
        None => Ok(None),
    }
}

fn without_spaces<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.contains(' ') {
        return Err(serde::de::Error::custom(format!("`{text}` has a space")));
    }
    Ok(text)
}

impl Component for Picky {}
impl Section for Picky {
    const NAME: &'static str = "picky";
}

#[test]
fn what_only_the_type_refuses_is_told_with_its_key_and_without_its_secret() {
    let picky = |options: &Options| {
        Diagnostic::from(report(options, vec![Description::of::<Picky>()])).to_string()
    };
    let options = Options::default().set("picky.key", "k");
    golden(
        "refused.txt",
        &picky(&options.clone().set("picky.name", "a b")),
    );
    let options = options.set("picky.name", "a");
    let said = picky(&options.clone().set("picky.key", "hunter 2"));
    golden("refused_secret.txt", &said);
    // serde writes quotes and line breaks in its own way
    for secret in [
        "hunter 2",
        "hunter\"2\" ",
        "hunter\n 2\\",
        "hunter\u{7} \u{e9}",
    ] {
        for key in ["key", "quoted"] {
            let said = picky(&options.clone().set(format!("picky.{key}"), secret));
            assert!(said.contains("is refused; why is not shown"), "{said}");
            assert!(!said.contains("hunter"), "{said}");
        }
    }
}

/// A second claimant of `http`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct OtherHttp {}

impl Component for OtherHttp {}
impl Section for OtherHttp {
    const NAME: &'static str = "http";
}

/// A section with a name that no variable can spell.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Misnamed {}

impl Component for Misnamed {}
impl Section for Misnamed {
    const NAME: &'static str = "My__Section";
}

#[test]
fn sections_with_wrong_names_are_told() {
    let mut all = sections();
    all.extend([
        Description::of::<OtherHttp>(),
        Description::of::<Misnamed>(),
    ]);
    let errors = report(&complete(Options::default()), all);
    golden("section_names.txt", &errors.to_string());
}

#[test]
fn everything_is_told_in_one_report() {
    let scratch = Scratch::new()
        .file(
            "config/default.toml",
            "[http]\nport = 70000\nhots = \"a\"\n",
        )
        .file("config/development.toml", "[log]\nlevel = \"loud\"\n")
        .file(".env", "ATLAS_HTTP__TIMEOUT=soon\nbroken line\n");
    let options = scratch
        .options()
        .env("ATLAS_LOG__COLOR", "true")
        .set("http.limits.connections", "none");
    golden_report("everything", &scratch, &options);

    let errors = Config::load(&options)
        .resolve(sections())
        .check_result()
        .expect_err("it is wrong");
    assert_eq!(errors.problems().len(), 8);
    let data = serde_json::to_value(&errors).expect("it serializes");
    let of_port = data["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["key"] == "http.port");
    let origin = scratch.plain(
        of_port.expect("it is there")["origins"][0]
            .as_str()
            .expect("a text"),
    );
    assert_eq!(origin, "config/default.toml:2:8");
    assert_eq!(Diagnostic::from(errors).exit_code(), 78);
}
