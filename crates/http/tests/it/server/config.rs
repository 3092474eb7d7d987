//! The section `http`.

use atlas_config::{Config, Options, Profile, Section, section};
use atlas_core::App;
use atlas_http::HttpConfig;

/// Reads the section as a service does.
async fn read(options: Options) -> Result<HttpConfig, String> {
    let config = Config::load(&options);
    App::new("shop")
        .module(atlas_config::module())
        .module(section::<HttpConfig>())
        .with(move |overrides| overrides.replace(move || config.clone()))
        .resolve::<HttpConfig>()
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn every_profile_has_sound_defaults() {
    for profile in Profile::ALL {
        let config = read(Options::default().profile(profile)).await.unwrap();
        let production = profile.is_production();
        assert_eq!(config.host.is_unspecified(), production, "{profile}");
        assert_eq!(config.drain_delay.is_zero(), !production, "{profile}");
        assert_eq!(config.docs, !production, "{profile}");
        assert!(
            config.trusted_proxies.is_empty() && config.cors.origins.is_empty(),
            "{profile}"
        );
    }
}

#[tokio::test]
async fn a_time_of_nothing_is_refused() {
    let error = read(Options::default().set("http.idle_timeout", "0s"))
        .await
        .unwrap_err();
    assert!(
        error.contains("http.idle_timeout") && error.contains("leaves no time at all"),
        "{error}"
    );
}

#[tokio::test]
async fn choices_are_named_when_one_does_not_exist() {
    let options = Options::default()
        .set("http.trust_trace", "sometimes")
        .set("http.forwarded_header", "x-real-ip")
        .set("http.max_connection", "5");
    let error = read(options).await.unwrap_err();
    for part in [
        "trusted_proxies",
        "x-forwarded",
        "did you mean",
        "max_connections",
    ] {
        assert!(error.contains(part), "{part} is not in\n{error}");
    }
}

#[test]
fn the_guide_tells_the_defaults_as_they_are() {
    let guide = include_str!("../../../../../docs/serving.md");
    let defaults = serde_json::to_value(HttpConfig::defaults(Profile::Production)).unwrap();
    let mut compared = 0;
    for row in guide.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let key = cells[2].trim_matches('`');
        if let Some(value) = defaults.get(key) {
            let told = cells[3].replace(' ', "");
            let value = value.to_string();
            assert_eq!(
                value.trim_matches('"'),
                told.replace("75s", "1m15s"),
                "{key}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 10, "the table of limits has another shape");
}

#[tokio::test]
async fn a_secret_for_cursors_is_long_and_never_shown() {
    let error = read(Options::default().set("http.cursor_secret", "too short"))
        .await
        .unwrap_err();
    assert!(
        error.contains("http.cursor_secret") && error.contains("too short to keep"),
        "{error}"
    );
    assert!(!error.contains("too short\""), "{error}");
    let config = read(Options::default().set("http.cursor_secret", "0123456789abcdef"))
        .await
        .unwrap();
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
}
