//! Sections as components of an app.

use atlas_config::{Config, Profile, section};
use atlas_core::App;

use crate::support::{Database, Http, Scratch};

fn app(config: Config) -> App {
    App::new("shop")
        .module(atlas_config::module())
        .module(section::<Http>())
        .module(section::<Database>())
        .with(|m| m.replace(move || config.clone()))
}

#[tokio::test]
async fn sections_are_provided_with_the_values_that_win() {
    let scratch = Scratch::new()
        .file(
            "config/default.toml",
            "[http]\nport = 3000\nlimits.connections = 5\n",
        )
        .file(".env", "ATLAS_DATABASE__URL=sqlite://shop.sqlite\n");
    let options = scratch.options().env(
        "ATLAS_HTTP__LIMITS__ORIGINS",
        "https://a.example, https://b.example",
    );
    let app = app(Config::load(&options));
    app.check().expect("the graph is sound");

    let (http, database, profile): (Http, Database, Profile) =
        app.resolve().await.expect("all is well");
    assert_eq!(http.port, 3000);
    assert_eq!(http.host, "127.0.0.1");
    assert_eq!(http.timeout.as_secs(), 30);
    assert_eq!(http.limits.connections, 5);
    assert_eq!(
        http.limits.origins,
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(database.url.expose(), "sqlite://shop.sqlite");
    assert_eq!(database.pool, 10);
    assert_eq!(profile, Profile::Development);
}

#[tokio::test]
async fn a_problem_in_any_section_stops_the_start_of_all_with_exit_code_78() {
    let scratch = Scratch::new().file("config/default.toml", "[http]\nport = \"x\"\n");
    // only `Http` is asked for, and still the missing key of `Database` is told
    let wrong = app(Config::load(&scratch.options()))
        .resolve::<Http>()
        .await;
    let error = wrong.expect_err("it is wrong");
    assert_eq!(error.exit_code(), 78);
    let diagnostic = error.diagnostic().expect("there is one");
    assert_eq!(diagnostic.code(), "A205");
    let said = scratch.plain(&error);
    assert_eq!(
        said.matches("`database.url` is missing").count(),
        1,
        "{said}"
    );
    assert!(said.contains("`database.url` is missing"), "{said}");
    assert!(
        said.contains(
            "`http.port = \"x\"`: expected an integer, found text\n  --> config/default.toml:2:8"
        ),
        "{said}"
    );
}
