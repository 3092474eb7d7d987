//! `config show` and `config explain`.

use atlas_config::{Options, Profile};

use crate::support::{Scratch, golden, resolve};

fn scratch() -> Scratch {
    Scratch::new()
        .file("config/default.toml", "[http]\nport = 3000\ntimeout = \"10s\"\n\n[http.limits]\norigins = [\"https://a.example\"]\n")
        .file("config/development.toml", "[http]\nport = 3001\n\n[log.targets]\nsqlx = \"warn\"\n")
        .file(".env", "ATLAS_DATABASE__URL=postgres://shop:h4nter2@db/shop\n")
        .file("pool", "20\n")
}

fn options(scratch: &Scratch) -> Options {
    scratch
        .options()
        .env("ATLAS_HTTP__PORT", "8081")
        .env(
            "ATLAS_DATABASE__POOL_FILE",
            scratch.path("pool").display().to_string(),
        )
        .set("log.level", "debug")
}

#[test]
fn show_writes_toml_with_origins_that_can_be_read_again() {
    let scratch = scratch();
    let shown = resolve(&options(&scratch)).show();
    golden("show_origins.toml", &scratch.plain(shown.to_toml(true)));
    golden("show.toml", &scratch.plain(shown.to_toml(false)));

    let again = Scratch::new().file("config/default.toml", shown.to_toml(true));
    let second = resolve(&again.options());
    assert_eq!(second.problems(), []);
    assert_eq!(second.show().to_toml(false), shown.to_toml(false));
}

#[test]
fn show_gives_values_and_origins_as_data() {
    let scratch = scratch();
    let shown =
        serde_json::to_string_pretty(&resolve(&options(&scratch)).show()).expect("it serializes");
    golden("show.json", &scratch.plain(shown));
}

#[test]
fn explain_tells_value_winner_and_what_it_shadowed() {
    let scratch = scratch();
    let resolution = resolve(&options(&scratch));
    let said = |key: &str| {
        let all = resolution.explain(key).expect("it is a key");
        all.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n\n")
    };
    golden("explain_port.txt", &scratch.plain(said("http.port")));
    assert_eq!(
        said("ATLAS_HTTP__PORT"),
        said("http.port"),
        "a variable is as good as its key"
    );
    golden("explain_section.txt", &scratch.plain(said("database")));
    golden("explain_unset.txt", &scratch.plain(said("http.tls.key")));
    golden(
        "explain_map_entry.txt",
        &scratch.plain(said("log.targets.sqlx")),
    );
    let data = serde_json::to_string_pretty(&resolution.explain("http.port").expect("it is a key"));
    golden(
        "explain_port.json",
        &scratch.plain(data.expect("it serializes")),
    );
}

#[test]
fn explain_tells_what_is_wrong_too() {
    let scratch = Scratch::new().file("config/default.toml", "[http]\nport = 70000\n");
    let explained = resolve(&scratch.options())
        .explain("http.port")
        .expect("it is a key");
    golden("explain_wrong.txt", &scratch.plain(&explained[0]));
}

#[test]
fn explain_of_an_unknown_key_suggests_one() {
    let resolution = resolve(&Options::default());
    let said = |key: &str| {
        resolution
            .explain(key)
            .expect_err("it is no key")
            .to_string()
    };
    assert_eq!(
        said("http.prot"),
        "`http.prot` is not a known key; did you mean `http.port`?"
    );
    assert_eq!(
        said("colour"),
        "`colour` is not a known key; did you mean `log.colour`?"
    );
    assert_eq!(
        said("a.b"),
        "`a.b` is not a known key; `config reference` lists every key"
    );
    assert_eq!(
        said(""),
        "`` is not a known key; `config reference` lists every key"
    );
    assert_eq!(
        said("ATLAS_X__Y"),
        "`ATLAS_X__Y` is not a known key; `config reference` lists every key"
    );
}

#[test]
fn a_wrong_configuration_can_still_be_shown() {
    let scratch = Scratch::new().file("config/default.toml", "[http]\nport = \"many\"\nprot = 1\n");
    let resolution = resolve(&scratch.options().profile(Profile::Test));
    assert!(resolution.check_result().is_err());
    assert!(resolution.show().to_toml(false).contains("port = \"many\""));
}
