//! `config …` and the options that every command takes.

use crate::golden;
use crate::support::Service;

fn layered() -> Service {
    Service::new("quiet")
        .file("config/default.toml", "[log]\nlevel = \"warn\"\n")
        .file("config/production.toml", "[log]\nlevel = \"error\"\n")
        .env("ATLAS_LOG__LEVEL", "debug")
}

#[test]
fn the_command_line_wins_and_all_layers_are_explained() {
    let call = [
        "--profile",
        "production",
        "config",
        "explain",
        "log.level",
        "--set",
        "log.level=trace",
    ];
    let ran = layered().run(&call).ends_with(0);
    golden::assert("config-explain.txt", &ran.text());
    let json = layered().run(&[&call[..], &["--json"]].concat()).json();
    assert_eq!(json["keys"][0]["value"], "trace");
    assert_eq!(json["keys"][0]["shadowed"].as_array().unwrap().len(), 4);
}

#[test]
fn show_prints_what_counts() {
    let ran = layered().run(&["config", "show", "--origins"]).ends_with(0);
    golden::assert("config-show.txt", &ran.text());
    let json = layered().run(&["config", "show", "--json"]).json();
    assert_eq!(json["values"]["log"]["level"], "debug");
    assert_eq!(json["profile"], "development");
}

#[test]
fn a_folder_of_configuration_can_be_named() {
    let service =
        Service::new("quiet").file("elsewhere/default.toml", "[log]\nformat = \"json\"\n");
    let json = service
        .run(&["--config-dir", "elsewhere", "config", "show", "--json"])
        .json();
    assert_eq!(json["values"]["log"]["format"], "json");
    let ran = service
        .run(&["config", "check", "--config-dir", "nowhere"])
        .ends_with(78);
    assert!(ran.err.contains("nowhere"), "{ran:#?}");
}

#[test]
fn every_fault_is_in_one_report() {
    let service = Service::new("quiet").file(
        "config/default.toml",
        "[log]\nformat = \"xml\"\nlevle = \"info\"\n\n[shop]\nname = \"x\"\n",
    );
    let ran = service.run(&["config", "check"]).ends_with(78);
    golden::assert("config-check.txt", &ran.text());
    // serving says the same and starts nothing
    let served = service.run(&[]).ends_with(78);
    for fault in ["xml", "levle", "shop"] {
        assert!(served.err.contains(fault), "{served:#?}");
    }
    assert_eq!(served.out, "");
    let json = service
        .run(&["config", "check", "--json"])
        .ends_with(78)
        .json();
    assert_eq!(json["valid"], false);
    assert_eq!(json["problems"].as_array().unwrap().len(), 3);
}

#[test]
fn a_sound_configuration_is_said_to_be_so() {
    let ran = layered()
        .run(&["config", "check", "--profile", "test"])
        .ends_with(0);
    assert_eq!(ran.out, "the configuration for profile `test` is valid\n");
}

#[test]
fn the_reference_comes_in_every_form() {
    let service = Service::new("quiet");
    let forms = ["markdown", "toml", "env", "json", "schema"];
    let texts = forms.map(|form| {
        service
            .run(&["config", "reference", "--format", form])
            .ends_with(0)
            .out
    });
    assert!(
        texts.iter().all(|it| it.to_lowercase().contains("level")),
        "{texts:?}"
    );
    assert!(texts[2].contains("ATLAS_LOG__LEVEL"), "{}", texts[2]);
    let json: serde_json::Value = serde_json::from_str(&texts[3]).unwrap();
    assert_eq!(json, service.run(&["config", "reference", "--json"]).json());
}
