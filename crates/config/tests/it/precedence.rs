//! Which layer wins: every pair, and all at once.

use atlas_config::{Layer, Options};

use crate::support::{Scratch, http, resolve};

/// The layers, the weakest first, and the port that each of them gives.
const LAYERS: [(Layer, u16); 6] = [
    (Layer::BuiltIn, 8080),
    (Layer::DefaultFile, 1001),
    (Layer::ProfileFile, 1002),
    (Layer::DotEnv, 1003),
    (Layer::Environment, 1004),
    (Layer::CommandLine, 1005),
];

/// Sources in which just these layers set `http.port`.
fn sources(layers: &[Layer]) -> (Scratch, Options) {
    let mut scratch = Scratch::new();
    for (layer, port) in LAYERS.iter().filter(|(layer, _)| layers.contains(layer)) {
        scratch = match layer {
            Layer::DefaultFile => {
                scratch.file("config/default.toml", format!("[http]\nport = {port}\n"))
            }
            Layer::ProfileFile => {
                scratch.file("config/development.toml", format!("http.port = {port}\n"))
            }
            Layer::DotEnv => scratch.file(".env", format!("ATLAS_HTTP__PORT={port}\n")),
            _ => scratch,
        };
    }
    let mut options = scratch.options();
    if layers.contains(&Layer::Environment) {
        options = options.env("ATLAS_HTTP__PORT", "1004");
    }
    if layers.contains(&Layer::CommandLine) {
        options = options.set("http.port", "1005");
    }
    (scratch, options)
}

#[test]
fn of_every_pair_of_layers_the_later_wins() {
    let mut pairs = 0;
    for (index, (weak, weak_port)) in LAYERS.iter().enumerate() {
        for (strong, strong_port) in &LAYERS[index + 1..] {
            let (_scratch, options) = sources(&[*weak, *strong]);
            assert_eq!(http(&options).port, *strong_port, "{weak:?} < {strong:?}");

            let explained = resolve(&options).explain("http.port").expect("it is a key");
            assert_eq!(explained[0].layer, Some(*strong), "{weak:?} < {strong:?}");
            assert_eq!(explained[0].value, Some((*strong_port).into()));
            // the built-in default is always there, below the pair
            let lost: Vec<_> = explained[0]
                .shadowed
                .iter()
                .map(|it| (it.layer, it.value.clone()))
                .collect();
            let mut expected = vec![(*weak, (*weak_port).into())];
            if *weak != Layer::BuiltIn {
                expected.push((Layer::BuiltIn, 8080.into()));
            }
            assert_eq!(lost, expected, "{weak:?} < {strong:?}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 15);
}

#[test]
fn each_layer_alone_is_stronger_than_the_default() {
    for (layer, port) in LAYERS {
        let (_scratch, options) = sources(&[layer]);
        assert_eq!(http(&options).port, port, "{layer:?}");
    }
}

#[test]
fn with_all_layers_the_command_line_wins_and_the_rest_is_shadowed_in_order() {
    let (_scratch, options) = sources(&LAYERS.map(|(layer, _)| layer));
    let explained = resolve(&options).explain("http.port").expect("it is a key");
    let order: Vec<Layer> = explained[0].shadowed.iter().map(|it| it.layer).collect();
    let mut expected: Vec<Layer> = LAYERS.map(|(layer, _)| layer).to_vec();
    expected.reverse();
    assert_eq!(explained[0].layer, Some(expected[0]));
    assert_eq!(order, expected[1..]);
}

#[test]
fn a_secret_file_stands_in_the_layer_of_its_variable() {
    let scratch = Scratch::new()
        .file("port", "2001\n")
        .file("other", "2002\r\n")
        .file("config/default.toml", "http.port = 1001\n");
    let path = scratch.path("port").display().to_string();
    let scratch = scratch.file(".env", format!("ATLAS_HTTP__PORT_FILE={path}\n"));
    assert_eq!(
        http(&scratch.options()).port,
        2001,
        "stronger than the files"
    );

    let other = scratch.path("other").display().to_string();
    let options = scratch.options().env("ATLAS_HTTP__PORT_FILE", other);
    assert_eq!(
        http(&options).port,
        2002,
        "the environment is stronger than .env"
    );
    assert_eq!(
        http(&options.set("http.port", "2003")).port,
        2003,
        "the command line is stronger"
    );
}

#[test]
fn only_the_file_of_the_profile_is_read() {
    let scratch = Scratch::new()
        .file("config/development.toml", "http.port = 1\n")
        .file("config/test.toml", "http.port = 2\n")
        .file("config/production.toml", "http.port = 3\n");
    for (profile, port) in [("development", 1), ("test", 2), ("production", 3)] {
        let by_name = scratch
            .options()
            .profile(profile.parse().expect("a profile"));
        assert_eq!(http(&by_name).port, port);
        assert_eq!(
            http(&scratch.options().env("ATLAS_PROFILE", profile)).port,
            port
        );
    }
    assert_eq!(
        http(&scratch.options()).port,
        1,
        "development is what nobody asked for"
    );
}

#[test]
fn the_profile_comes_from_the_option_then_the_environment_then_the_env_file() {
    let scratch = Scratch::new().file(".env", "ATLAS_PROFILE=test\n");
    let name = |options: &Options| resolve(options).profile().name();
    assert_eq!(name(&scratch.options()), "test");
    let options = scratch.options().env("ATLAS_PROFILE", "production");
    assert_eq!(name(&options), "production");
    assert_eq!(
        name(&options.profile(atlas_config::Profile::Development)),
        "development"
    );
}

#[test]
fn defaults_may_differ_by_profile() {
    let host =
        |profile: &str| http(&Options::default().profile(profile.parse().expect("a profile"))).host;
    assert_eq!(host("development"), "127.0.0.1");
    assert_eq!(host("production"), "0.0.0.0");
}

#[test]
fn a_folder_named_in_the_environment_takes_the_place_of_config() {
    let scratch = Scratch::new()
        .file("config/default.toml", "http.port = 1\n")
        .file("elsewhere/default.toml", "http.port = 2\n");
    let elsewhere = scratch.path("elsewhere");
    let options = scratch
        .options()
        .env("ATLAS_CONFIG_DIR", elsewhere.display().to_string());
    assert_eq!(http(&options).port, 2);
    let options = options.dir(scratch.path("config"));
    assert_eq!(
        http(&options).port,
        1,
        "an option is stronger than the environment"
    );
}

#[test]
fn the_last_of_two_overrides_wins() {
    assert_eq!(
        http(
            &Options::default()
                .set("http.port", "1")
                .set("http.port", "2")
        )
        .port,
        2
    );
}

#[test]
fn without_any_source_the_defaults_count() {
    let scratch = Scratch::new();
    assert_eq!(http(&scratch.options()).port, 8080);
    assert!(
        atlas_config::Config::load(&scratch.options())
            .sources()
            .is_empty()
    );
}
