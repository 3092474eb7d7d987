//! From the text of variables, `.env` and the command line to typed values.

use atlas_config::Options;

use crate::support::{Level, Scratch, http, log, resolve, sound};

#[test]
fn texts_become_what_the_key_takes() {
    let options = Options::default()
        .env("ATLAS_HTTP__PORT", " 81 ")
        .env("ATLAS_HTTP__TIMEOUT", "1m30s")
        .env("ATLAS_HTTP__LIMITS__BODY", "512KiB")
        .env("ATLAS_HTTP__LIMITS__ORIGINS", "a, b")
        .env("ATLAS_HTTP__HOST", "true")
        .env("ATLAS_LOG__COLOUR", "false")
        .env("ATLAS_LOG__SAMPLING", "1")
        .env("ATLAS_LOG__LEVEL", "warn")
        .env("ATLAS_LOG__TARGETS", "{ sqlx = \"error\" }");
    let (http, log) = (http_of(&options), log_of(&options));
    assert_eq!(http.port, 81);
    assert_eq!(http.timeout.as_secs(), 90);
    assert_eq!(http.limits.body.bytes(), 512 << 10);
    assert_eq!(http.limits.origins, ["a", "b"]);
    assert_eq!(
        http.host, "true",
        "a text stays one, whatever it looks like"
    );
    assert_eq!(log.colour, Some(false));
    assert!((log.sampling - 1.0).abs() < f64::EPSILON);
    assert_eq!(log.level, Level::Warn);
    assert_eq!(log.targets["sqlx"], Level::Error);
}

/// The two sections, each checked without the variables of the other.
fn http_of(options: &Options) -> crate::support::Http {
    let mut own = options.clone();
    own.env.retain(|(name, _)| name.starts_with("ATLAS_HTTP"));
    http(&own)
}

fn log_of(options: &Options) -> crate::support::Log {
    let mut own = options.clone();
    own.env.retain(|(name, _)| name.starts_with("ATLAS_LOG"));
    log(&own)
}

#[test]
fn lists_are_written_with_commas_or_as_toml() {
    let origins = |text: &str| {
        http(&Options::default().env("ATLAS_HTTP__LIMITS__ORIGINS", text))
            .limits
            .origins
    };
    assert_eq!(origins("a"), ["a"]);
    assert_eq!(origins("a,b ,c"), ["a", "b", "c"]);
    assert_eq!(origins("[\"a,b\", 'c']"), ["a,b", "c"]);
    assert_eq!(origins(""), [""; 0]);
}

#[test]
fn an_empty_text_unsets_an_optional_key_and_is_a_text_for_others() {
    let scratch = Scratch::new().file("config/default.toml", "log.colour = true\n");
    assert_eq!(log(&scratch.options()).colour, Some(true));
    assert_eq!(
        log(&scratch.options().env("ATLAS_LOG__COLOUR", "")).colour,
        None
    );
    assert_eq!(
        http(&Options::default().env("ATLAS_HTTP__HOST", "")).host,
        ""
    );
}

#[test]
fn a_key_that_ends_in_file_is_no_pointer_to_one() {
    let options = Options::default()
        .env("ATLAS_HTTP__TLS__CERT_FILE", "/etc/tls/cert.pem")
        .env("ATLAS_HTTP__TLS__KEY", "k");
    assert_eq!(
        http(&options).tls.expect("it is set").cert_file,
        "/etc/tls/cert.pem"
    );
}

#[test]
fn a_secret_file_loses_the_line_break_at_its_end_and_no_more() {
    let scratch = Scratch::new().file("key", " two\nlines \n\n");
    let path = scratch.path("key").display().to_string();
    let options = Options::default()
        .env("ATLAS_HTTP__TLS__KEY_FILE", path)
        .env("ATLAS_HTTP__TLS__CERT_FILE", "c");
    assert_eq!(
        http(&options).tls.expect("it is set").key.expose(),
        " two\nlines \n"
    );
}

#[test]
fn env_files_know_quotes_comments_exports_and_lines() {
    let scratch = Scratch::new().file(
        ".env",
        "\u{feff}# a comment\n\
         \n\
         OTHER=ignored\n\
         export ATLAS_HTTP__HOST = bare value # comment\n\
         ATLAS_HTTP__PORT='81' # comment\r\n\
         ATLAS_LOG__PREFIX=\"shop\"\n\
         ATLAS_HTTP__TLS__CERT_FILE=a#b\n\
         ATLAS_HTTP__TLS__KEY=\"first\n\
         second\\n\\\"third\\\" \\$x $y \\z\"\n\
         ATLAS_DATABASE__URL='lite\\n#ral'\n\
         ATLAS_LOG__LEVEL=debug",
    );
    let resolution = sound(&scratch.options());
    let shown = serde_json::to_value(resolution.show()).expect("it serializes");
    let values = &shown["values"];
    assert_eq!(values["http"]["host"], "bare value");
    assert_eq!(values["http"]["port"], 81);
    assert_eq!(values["http"]["tls"]["cert_file"], "a#b");
    assert_eq!(values["log"]["level"], "debug");
    let origin = &shown["origins"]["log.level"];
    assert!(
        origin
            .as_str()
            .expect("a text")
            .ends_with(".env:11 (`ATLAS_LOG__LEVEL`)"),
        "{origin}"
    );

    let mut options = scratch.options();
    options.env_file = None;
    let settings = atlas_config::Settings::check(
        &atlas_config::Config::load(&scratch.options()),
        crate::support::sections(),
    )
    .expect("it is right");
    let http: crate::support::Http = settings.section().expect("it is there");
    assert_eq!(
        http.tls.expect("it is set").key.expose(),
        "first\nsecond\n\"third\" $x $y \\z"
    );
    let database: crate::support::Database = settings.section().expect("it is there");
    assert_eq!(database.url.expose(), "lite\\n#ral");
}

#[test]
fn variables_of_tools_and_strangers_do_not_stop_a_service() {
    let options = Options::default()
        .env("ATLAS_LISTEN", "stdin")
        .env("ATLAS_DEV_PARENT", "1")
        .env("ATLAS_TOKEN", "of another program")
        // what Kubernetes sets for a Service `atlas-http`
        .env("ATLAS_HTTP_PORT", "tcp://10.0.0.1:80")
        .env("ATLAS_HTTP_SERVICE_HOST", "10.0.0.1")
        .env("ATLAS_HTTP_PORT_80_TCP_ADDR", "10.0.0.1")
        .env("ATLAS_DATABASE__URL", "sqlite::memory:");
    let resolution = sound(&options);
    let said: Vec<&str> = resolution
        .warnings()
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "`ATLAS_TOKEN` is not a known variable",
            "`ATLAS_HTTP_PORT` is not a known variable",
            "`ATLAS_HTTP_SERVICE_HOST` is not a known variable",
            "`ATLAS_HTTP_PORT_80_TCP_ADDR` is not a known variable",
        ]
    );
}

#[test]
fn one_underscore_too_few_is_an_error_and_no_silence() {
    let resolution = resolve(&Options::default().env("ATLAS_HTTP_PORT", "8081"));
    let said: Vec<String> = resolution
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        said[0].contains("`ATLAS_HTTP_PORT` is not a known variable"),
        "{said:?}"
    );
    assert!(
        said[0].contains("did you mean `ATLAS_HTTP__PORT`?"),
        "{said:?}"
    );
}

#[test]
fn an_override_is_taken_apart_at_its_first_equals_sign() {
    let good = |text| Options::parse_override(text);
    assert_eq!(good("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
    assert_eq!(good("a="), Ok(("a".to_owned(), String::new())));
    assert!(good("a").is_err());
    assert!(good("=a").is_err());
}

#[test]
fn the_process_is_read_without_its_other_variables() {
    let options = Options::from_process();
    assert!(
        options
            .env
            .iter()
            .all(|(name, _)| name.starts_with("ATLAS_"))
    );
    assert_eq!(
        options.env_file.as_deref(),
        Some(std::path::Path::new(".env"))
    );
}

#[test]
fn files_that_no_profile_reads_are_warned_about() {
    let scratch = Scratch::new()
        .file("config/prod.toml", "")
        .file("config/developmnet.toml", "")
        .file("config/test.toml", "")
        .file("config/rbac.toml", "");
    let resolution = sound(
        &scratch
            .options()
            .env("ATLAS_DATABASE__URL", "sqlite::memory:"),
    );
    let said: Vec<String> = resolution
        .warnings()
        .iter()
        .map(|it| scratch.plain(it))
        .collect();
    assert_eq!(
        said,
        [
            "config/developmnet.toml is read in no profile\n   = help: did you mean `development.toml`?",
            "config/prod.toml is read in no profile\n   = help: did you mean `production.toml`?",
        ]
    );
}
