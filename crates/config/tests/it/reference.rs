//! `config reference` in all its forms, and that each of them is true.

use atlas_config::{Config, Description, Options, Reference};
use serde_json::json;

use crate::support::{Http, Log, Scratch, golden, resolve, sections};

#[test]
fn the_reference_lists_every_key_in_every_form() {
    let reference = Reference::of(&sections());
    golden("reference.md", &reference.to_markdown());
    golden("reference.toml", &reference.to_toml());
    golden("reference.env", &reference.to_env_example());
    golden(
        "reference.json",
        &serde_json::to_string_pretty(&reference).expect("it serializes"),
    );
    let schema = serde_json::to_string_pretty(&reference.to_json_schema()).expect("it serializes");
    golden("reference.schema.json", &schema);
}

/// A commented file with every key taken in.
fn uncommented(text: &str) -> String {
    let keys = |line: &&str| !line.starts_with("# ") && !line.starts_with("#:");
    text.lines()
        .filter(keys)
        .map(|line| line.strip_prefix('#').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn taking_every_comment_away_changes_nothing() {
    // optional tables aside, whose keys only show how they are written
    let sections = || vec![Description::of::<Log>()];
    let before = Config::load(&Options::default()).resolve(sections());

    let file = uncommented(&Reference::of(&sections()).to_toml()).replace("colour = false\n", "");
    let scratch = Scratch::new().file("config/default.toml", &file);
    let after = Config::load(&scratch.options()).resolve(sections());
    assert_eq!(after.problems(), [], "{file}");
    assert_eq!(after.show().to_toml(false), before.show().to_toml(false));

    let file = uncommented(&Reference::of(&sections()).to_env_example())
        .replace("ATLAS_LOG__COLOUR=false\n", "");
    let scratch = Scratch::new().file(".env", &file);
    let after = Config::load(&scratch.options()).resolve(sections());
    assert_eq!(after.problems(), [], "{file}");
    assert_eq!(after.show().to_toml(false), before.show().to_toml(false));
}

#[test]
fn every_key_of_the_commented_file_is_known_and_every_example_fits() {
    let reference = Reference::of(&sections());
    let file = uncommented(&reference.to_toml());
    let scratch = Scratch::new().file("config/default.toml", &file);
    assert_eq!(resolve(&scratch.options()).problems(), [], "{file}");

    let file = uncommented(&reference.to_env_example());
    let scratch = Scratch::new().file(".env", &file);
    assert_eq!(resolve(&scratch.options()).problems(), [], "{file}");
}

#[test]
fn the_commented_file_as_it_is_sets_nothing() {
    let scratch = Scratch::new().file("config/default.toml", Reference::of(&sections()).to_toml());
    let options = scratch
        .options()
        .env("ATLAS_DATABASE__URL", "sqlite::memory:");
    assert_eq!(resolve(&options).problems(), []);
    let plain = Options::default().env("ATLAS_DATABASE__URL", "sqlite::memory:");
    assert_eq!(
        resolve(&options).show().to_toml(true),
        resolve(&plain).show().to_toml(true)
    );
}

#[test]
fn the_schema_takes_good_files_and_marks_bad_keys() {
    let schema: schemars::Schema = Reference::of(&sections())
        .to_json_schema()
        .try_into()
        .expect("it is a schema");
    let good = json!({ "http": { "port": 1, "limits": { "body": "1MiB" } }, "database": {} });
    assert_eq!(atlas_schema::violations(&schema, &good), []);
    let bad = json!({ "http": { "prot": 1, "limits": { "body": "much" } }, "kafka": {} });
    let said: Vec<String> = atlas_schema::violations(&schema, &bad)
        .iter()
        .map(|it| format!("{} {it}", it.pointer))
        .collect();
    assert_eq!(
        said,
        [
            "/http/limits/body expected a size such as `512B`, `64KiB`, `2MiB` or `1GB`",
            "/http/prot unknown field `prot`; did you mean `port`?",
            "/kafka unknown field `kafka`",
        ]
    );
}

#[test]
fn a_type_that_holds_itself_has_a_reference_and_a_schema() {
    use atlas_config::{Profile, Section};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    /// A tree of menus.
    #[derive(Clone, Serialize, Deserialize, JsonSchema)]
    struct Menu {
        /// What it says.
        title: String,
        /// What is below it.
        items: Vec<Menu>,
        /// What is beside it.
        next: Option<Box<Menu>>,
    }
    impl atlas_core::Component for Menu {}
    impl Section for Menu {
        const NAME: &'static str = "menu";

        fn defaults(_: Profile) -> Option<Self> {
            Some(Self {
                title: String::new(),
                items: Vec::new(),
                next: None,
            })
        }
    }
    let sections = vec![Description::of::<Menu>(), Description::of::<Http>()];
    let reference = Reference::of(&sections);
    let schema: schemars::Schema = reference
        .to_json_schema()
        .try_into()
        .expect("it is a schema");
    let bad =
        json!({ "menu": { "items": [{ "title": "a", "items": [{ "title": 1, "items": [] }] }] } });
    let said: Vec<String> = atlas_schema::violations(&schema, &bad)
        .into_iter()
        .map(|it| it.pointer)
        .collect();
    assert_eq!(said, ["/menu/items/0/items/0/title"]);
    assert!(reference.to_markdown().contains("`menu.next.title`"));

    let scratch = Scratch::new().file(
        "config/default.toml",
        "[menu.next]\ntitle = \"a\"\nitems = []\n[menu.next.next]\ntitel = \"b\"\n",
    );
    let problems = Config::load(&scratch.options())
        .resolve(sections)
        .problems()
        .to_vec();
    let said: Vec<String> = problems.iter().map(|it| scratch.plain(it)).collect();
    assert!(
        said.iter().any(|it| it
            .contains("`menu.next.next.titel` is not a known key\n  --> config/default.toml:5:9")),
        "{said:?}"
    );
}

#[test]
fn lists_of_lists_and_of_tables_are_named_and_read() {
    use atlas_config::{Profile, Section, Settings};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    /// A list that holds lists of its own kind.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    struct Nest(Vec<Nest>);

    /// A place.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    struct Place {
        /// Its name.
        name: String,
        /// How far it is.
        far: u8,
    }

    /// Lists of all kinds.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    struct Lists {
        /// Without end.
        nest: Nest,
        /// Rows of numbers.
        rows: Vec<Vec<u8>>,
        /// Where to go.
        places: Vec<Place>,
    }
    impl atlas_core::Component for Lists {}
    impl Section for Lists {
        const NAME: &'static str = "lists";

        fn defaults(_: Profile) -> Option<Self> {
            Some(Self {
                nest: Nest(Vec::new()),
                rows: Vec::new(),
                places: Vec::new(),
            })
        }
    }
    let sections = vec![Description::of::<Lists>()];
    let takes: Vec<String> = Reference::of(&sections).sections[0]
        .keys
        .iter()
        .map(|it| it.takes.clone())
        .collect();
    assert_eq!(
        takes,
        [
            "list of list of list of list of values",
            "list of list of integer",
            "list of tables with `far`, `name`",
        ]
    );
    let options = Options::default()
        .env("ATLAS_LISTS__NEST", "[[], [[]]]")
        .env("ATLAS_LISTS__ROWS", "[[1, 2], []]")
        .env("ATLAS_LISTS__PLACES", "[{ name = 'home', far = 0 }]");
    let lists: Lists = Settings::check(&Config::load(&options), sections.clone())
        .and_then(|it| it.section())
        .expect("it is right");
    assert_eq!(lists.rows, [vec![1, 2], Vec::new()]);
    assert_eq!(
        lists.nest,
        Nest(vec![Nest(Vec::new()), Nest(vec![Nest(Vec::new())])])
    );
    assert_eq!(
        lists.places,
        [Place {
            name: "home".to_owned(),
            far: 0
        }]
    );

    let options = Options::default()
        .env("ATLAS_LISTS__NEST", "a,b")
        .set("lists.places", "[{ name = 'x', fra = 1 }]");
    let problems = Config::load(&options).resolve(sections).problems().to_vec();
    let said: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "`lists.nest.0 = \"a\"`: expected a list, found text",
            "`lists.nest.1 = \"b\"`: expected a list, found text",
            "`lists.places.0.far` is missing",
            "`lists.places.0.fra` is not a known key",
        ]
    );
}
