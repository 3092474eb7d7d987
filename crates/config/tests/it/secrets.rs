//! Secrets are seen nowhere.

use atlas_config::{Config, Description, Options, Profile, Reference, Secret, Settings};

use crate::support::{Database, Scratch, resolve, sections};

const SECRET: &str = "h4nter2-Zq";

#[test]
fn a_secret_is_three_stars_however_it_is_printed() {
    let secret = Secret::new(SECRET.to_owned());
    assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    assert_eq!(
        serde_json::to_string(&secret).expect("it serializes"),
        "\"***\""
    );
    assert_eq!(format!("{:?}", Some(secret.clone())), "Some(***)");
    assert_eq!(secret.expose(), SECRET);
    assert_eq!(secret.into_exposed(), SECRET);
    let read: Secret = serde_json::from_str("\"abc\"").expect("it is a text");
    assert_eq!(read.expose(), "abc");
    let number: Secret<u32> = Secret::from(7);
    assert_eq!(
        serde_json::to_string(&number).expect("it serializes"),
        "\"***\""
    );
}

#[test]
fn the_schema_of_a_secret_is_that_of_its_value_and_write_only() {
    let schema = schemars::schema_for!(Option<Secret>);
    assert_eq!(schema.get("writeOnly"), Some(&true.into()));
    assert_eq!(
        schema.get("type"),
        Some(&serde_json::json!(["string", "null"]))
    );
}

/// Everything that can be said about some sources.
fn all_said(options: &Options) -> String {
    let resolution = resolve(options);
    let mut said = format!("{options:?} {:?} {resolution:?}", Config::load(options));
    let shown = resolution.show();
    said += &format!(
        "{shown:?} {} {}",
        shown.to_toml(true),
        serde_json::to_string(&shown).expect("it serializes")
    );
    for section in ["http", "database", "log"] {
        for explained in resolution.explain(section).expect("it is a section") {
            said += &format!(
                "{explained} {explained:?} {}",
                serde_json::to_string(&explained).expect("it serializes")
            );
        }
    }
    for problem in resolution.problems().iter().chain(resolution.warnings()) {
        said += &format!(
            "{problem} {problem:?} {}",
            serde_json::to_string(problem).expect("it serializes")
        );
    }
    said
}

#[test]
fn no_report_about_anything_shows_a_secret() {
    let url = format!("postgres://shop:{SECRET}@db/shop");
    let right = [
        Scratch::new().file("config/default.toml", format!("database.url = \"{url}\"\n")),
        Scratch::new().file(
            "config/default.toml",
            format!("[http.tls]\nkey = \"{SECRET}\"\ncert_file = \"{url}\"\n"),
        ),
        Scratch::new().file(".env", format!("ATLAS_DATABASE__URL={url}\n")),
    ];
    let wrong = [
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\nurl = [\"{SECRET}\"]\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\nurl = {{ a = \"{SECRET}\" }}\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\npassword = \"{SECRET}\"\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\nulr = \"{SECRET}\"\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[databse]\nurl = \"{SECRET}\"\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\nurl = \"{SECRET}\nport = 1\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[database]\nurl = {SECRET}\n"),
        ),
        Scratch::new().file(
            "config/default.toml",
            format!("[log.targets]\nsome_token = \"{SECRET}\"\n"),
        ),
        Scratch::new().file("config/default.toml", format!("[http]\nport = \"{url}\"\n")),
        Scratch::new().file(".env", format!("ATLAS_DATABASE__URL=\"{SECRET}\n")),
        Scratch::new().file(".env", format!("ATLAS_DATABASE__PASSWORD={SECRET}\n")),
        Scratch::new().file(".env", format!("ATLAS_DATABASE__URL {SECRET}\n")),
        Scratch::new().file("config/default.toml", format!("http.tls = \"{url}\"\n")),
    ];
    for (scratch, sound) in right
        .iter()
        .map(|it| (it, true))
        .chain(wrong.iter().map(|it| (it, false)))
    {
        for profile in Profile::ALL {
            let options = scratch.options().profile(profile);
            let said = all_said(&options);
            assert!(!said.contains(SECRET), "{said}");
            assert!(sound || resolve(&options).check_result().is_err(), "{said}");
        }
    }
    for options in [
        Options::default().env("ATLAS_DATABASE__URL", &url),
        Options::default().env("ATLAS_DATABASE__PASSWORD", SECRET),
        Options::default().env("ATLAS_DATABASE_URL", SECRET),
        Options::default().set("database.url", &url),
        Options::default().set("database.ulr", SECRET),
        Options::default().set("http.tls", format!("{{ key = \"{SECRET}\" }}")),
    ] {
        let said = all_said(&options);
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn a_default_that_is_secret_counts_but_is_not_shown() {
    use atlas_config::{Section, section};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    /// A section with a secret default.
    #[derive(Clone, Serialize, Deserialize, JsonSchema)]
    struct Session {
        /// Signs cookies.
        key: Secret,
    }
    impl atlas_core::Component for Session {}
    impl Section for Session {
        const NAME: &'static str = "session";

        fn defaults(_: Profile) -> Option<Self> {
            Some(Self {
                key: Secret::new(SECRET.to_owned()),
            })
        }
    }
    let _module = section::<Session>();
    let sections = vec![Description::of::<Session>()];
    let settings =
        Settings::check(&Config::load(&Options::default()), sections.clone()).expect("it is right");
    assert_eq!(
        settings
            .section::<Session>()
            .expect("it is there")
            .key
            .expose(),
        SECRET
    );

    let reference = Reference::of(&sections);
    let said = format!(
        "{reference:?} {} {} {} {} {} {}",
        reference.to_markdown(),
        reference.to_toml(),
        reference.to_env_example(),
        reference.to_json_schema(),
        serde_json::to_string(&reference).expect("it serializes"),
        settings.resolution().show().to_toml(true),
    );
    assert!(!said.contains(SECRET), "{said}");
    assert!(said.contains("key = \"***\""), "{said}");
}

#[test]
fn a_section_that_was_not_checked_is_an_error_and_no_panic() {
    let settings =
        Settings::check(&Config::load(&Options::default()), Vec::new()).expect("nothing is wrong");
    let error = settings.section::<Database>().expect_err("it is not there");
    assert!(
        error
            .to_string()
            .contains("the section `database` is not part of the app"),
        "{error}"
    );
    assert!(sections().len() > 2);
}

#[test]
fn names_that_tell_of_secrets_hide_texts_and_numbers_but_no_switches() {
    use std::collections::BTreeMap;

    use atlas_config::Section;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    /// A section whose author forgot `Secret`.
    #[derive(Clone, Serialize, Deserialize, JsonSchema)]
    struct Forgetful {
        api_key: String,
        pin_token: u32,
        credentials: bool,
        token_lifetime: u32,
        passwords: BTreeMap<String, String>,
        endpoint: String,
    }
    impl atlas_core::Component for Forgetful {}
    impl Section for Forgetful {
        const NAME: &'static str = "forgetful";

        fn defaults(_: Profile) -> Option<Self> {
            Some(Self {
                api_key: SECRET.to_owned(),
                pin_token: 1234,
                credentials: true,
                token_lifetime: 60,
                passwords: BTreeMap::from([("admin_password".to_owned(), SECRET.to_owned())]),
                endpoint: format!("https://user:{SECRET}@example.com/path?q=1"),
            })
        }
    }
    let shown = Config::load(&Options::default())
        .resolve(vec![Description::of::<Forgetful>()])
        .show();
    assert_eq!(
        shown.to_toml(false),
        "# profile development\n\n[forgetful]\napi_key = \"***\"\npin_token = \"***\"\ncredentials = true\ntoken_lifetime = 60\n\
         passwords = { admin_password = \"***\" }\nendpoint = \"https://user:***@example.com/path?q=1\"\n"
    );
}
