//! How layers lie over each other below the level of keys.

use atlas_config::{Config, Description, Options, Profile, Section, Settings};
use atlas_core::Component;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{Level, Scratch, http, log};

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Storage {
    /// What keeps them.
    backend: Backend,
    /// Who makes copies.
    copies: Option<Copies>,
}

/// What keeps files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Backend {
    /// A folder.
    Disk {
        /// Its path.
        path: String,
    },
    /// A bucket.
    Bucket {
        /// Its name.
        name: String,
        /// Where it is.
        region: String,
    },
}

/// Who makes copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Copies {
    /// The service itself.
    Own {
        /// How many.
        count: u8,
    },
    /// Another one.
    Remote {
        /// Its address.
        url: String,
    },
}

impl Component for Storage {}
impl Section for Storage {
    const NAME: &'static str = "storage";

    fn defaults(_: Profile) -> Option<Self> {
        let backend = Backend::Disk {
            path: "files".to_owned(),
        };
        Some(Self {
            backend,
            copies: Some(Copies::Own { count: 2 }),
        })
    }
}

fn storage(options: &Options) -> Storage {
    let settings = Settings::check(&Config::load(options), vec![Description::of::<Storage>()]);
    settings
        .and_then(|it| it.section())
        .unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn tables_are_merged_key_by_key_and_lists_are_replaced() {
    let scratch = Scratch::new()
        .file(
            "config/default.toml",
            "[http.limits]\nconnections = 5\norigins = [\"a\", \"b\"]\n",
        )
        .file(
            "config/development.toml",
            "[http]\nlimits = { origins = [\"c\"] }\n",
        );
    let http = http(&scratch.options());
    assert_eq!(http.limits.connections, 5);
    assert_eq!(http.limits.origins, ["c"]);
    assert_eq!(http.limits.body.bytes(), 2 << 20);
}

#[test]
fn maps_grow_by_layers() {
    let scratch = Scratch::new().file(
        "config/default.toml",
        "[log.targets]\nsqlx = \"warn\"\n\"a.b\" = \"error\"\n",
    );
    let log = log(&scratch
        .options()
        .env("ATLAS_LOG__TARGETS__HYPER", "debug")
        .set("log.targets.\"a.b\"", "info"));
    assert_eq!(log.targets["sqlx"], Level::Warn);
    assert_eq!(log.targets["hyper"], Level::Debug);
    assert_eq!(log.targets["a.b"], Level::Info);
}

#[test]
fn another_variant_of_an_enum_replaces_the_weaker_one_as_a_whole() {
    let scratch = Scratch::new().file(
        "config/default.toml",
        "[storage.backend]\nkind = \"bucket\"\nname = \"shop\"\nregion = \"eu\"\n[storage.copies.remote]\nurl = \"https://b.example\"\n",
    );
    let storage = storage(&scratch.options());
    let bucket = Backend::Bucket {
        name: "shop".to_owned(),
        region: "eu".to_owned(),
    };
    assert_eq!(storage.backend, bucket);
    assert_eq!(
        storage.copies,
        Some(Copies::Remote {
            url: "https://b.example".to_owned()
        })
    );
}

#[test]
fn the_same_variant_is_merged() {
    let storage = storage(
        &Options::default()
            .env("ATLAS_STORAGE__BACKEND__PATH", "/srv")
            .env("ATLAS_STORAGE__COPIES__OWN__COUNT", "3"),
    );
    assert_eq!(
        storage.backend,
        Backend::Disk {
            path: "/srv".to_owned()
        }
    );
    assert_eq!(storage.copies, Some(Copies::Own { count: 3 }));
}

#[test]
fn a_variant_can_be_chosen_by_variables_alone() {
    let options = Options::default()
        .env("ATLAS_STORAGE__BACKEND__KIND", "bucket")
        .env("ATLAS_STORAGE__BACKEND__NAME", "shop")
        .env("ATLAS_STORAGE__BACKEND__REGION", "eu");
    let bucket = Backend::Bucket {
        name: "shop".to_owned(),
        region: "eu".to_owned(),
    };
    assert_eq!(storage(&options).backend, bucket);
}

#[test]
fn an_optional_key_is_unset_by_an_empty_text() {
    let storage = storage(&Options::default().env("ATLAS_STORAGE__COPIES", ""));
    assert_eq!(storage.copies, None);
}

/// Two structs in one table.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Flat {
    /// Its own key.
    name: String,
    #[serde(flatten)]
    common: Common,
}

/// What others share.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Common {
    /// How often it is tried.
    retries: u8,
}

impl Component for Flat {}
impl Section for Flat {
    const NAME: &'static str = "flat";

    fn defaults(_: Profile) -> Option<Self> {
        Some(Self {
            name: "a".to_owned(),
            common: Common { retries: 3 },
        })
    }
}

#[test]
fn flattened_structs_share_a_table_and_stay_closed() {
    let flat = |options: &Options| {
        Settings::check(&Config::load(options), vec![Description::of::<Flat>()])
    };
    let settings = flat(&Options::default().env("ATLAS_FLAT__RETRIES", "5")).expect("it is right");
    assert_eq!(
        settings
            .section::<Flat>()
            .expect("it is there")
            .common
            .retries,
        5
    );

    let scratch = Scratch::new().file("config/default.toml", "[flat]\nretires = 5\n");
    let errors = flat(&scratch.options()).expect_err("it is misspelt");
    let said = errors.problems()[0].to_string();
    assert!(said.contains("did you mean `flat.retries`?"), "{said}");
}
