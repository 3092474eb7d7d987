//! What production refuses and development does not.

use atlas_config::{Description, Options, Problems, Profile, Secret, Section};
use atlas_core::Component;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{Scratch, golden, golden_report, report, resolve, sound};

#[test]
fn well_known_secrets_are_refused_in_production_only() {
    for url in [
        "postgres://shop:postgres@db/shop",
        "mysql://root:ChangeMe@db",
        "postgres://shop:dev-only-1234@db/shop",
        "postgres://shop:the-password-of-the-tutorial@db",
    ] {
        let options = Options::default().env("ATLAS_DATABASE__URL", url);
        sound(&options);
        let problems = resolve(&options.profile(Profile::Production))
            .problems()
            .to_vec();
        assert_eq!(problems.len(), 1, "{url}: {problems:?}");
        assert!(
            problems[0]
                .message
                .contains("a secret that the world knows"),
            "{}",
            problems[0]
        );
        assert!(!problems[0].to_string().contains(url), "{}", problems[0]);
    }
    let good = "postgres://shop:q3uWm2Yx0vS8@db/postgres";
    sound(
        &Options::default()
            .env("ATLAS_DATABASE__URL", good)
            .profile(Profile::Production),
    );
}

#[test]
fn production_takes_no_secret_from_an_env_file() {
    let scratch = Scratch::new().file(
        ".env",
        "ATLAS_DATABASE__URL=postgres://shop:password@db\nATLAS_HTTP__PORT=81\n",
    );
    sound(&scratch.options());
    golden_report(
        "production_env_file",
        &scratch,
        &scratch.options().profile(Profile::Production),
    );

    // one that the environment hides does no harm
    let options = scratch
        .options()
        .profile(Profile::Production)
        .env("ATLAS_DATABASE__URL", "postgres://a:q3uWm2Yx@db");
    sound(&options);
}

/// Who may enter.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Auth {
    /// Signs tokens.
    signing: Secret,
    /// Keys that were used before.
    old: Vec<Secret>,
}

impl Component for Auth {}
impl Section for Auth {
    const NAME: &'static str = "auth";

    fn defaults(profile: Profile) -> Option<Self> {
        let signing = Secret::new("the-key-of-every-laptop".to_owned());
        (!profile.is_production()).then(|| Self {
            signing,
            old: Vec::new(),
        })
    }

    fn check(&self, problems: &mut Problems) {
        for key in &self.old {
            problems.refuse_known_secret("old", key);
        }
    }
}

#[test]
fn the_default_of_development_is_no_secret_in_production() {
    let auth = |options: &Options| {
        atlas_config::Config::load(options).resolve(vec![Description::of::<Auth>()])
    };
    assert!(
        auth(&Options::default()).problems().is_empty(),
        "on a laptop it is good"
    );

    let production = Options::default()
        .profile(Profile::Production)
        .set("auth.old", "");
    let missing = auth(&production).problems().to_vec();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].message, "`auth.signing` is missing");

    let copied = production
        .env("ATLAS_AUTH__SIGNING", "the-key-of-every-laptop")
        .set("auth.old", "q3uWm2Yx,secret");
    golden(
        "production_known.txt",
        &report(&copied, vec![Description::of::<Auth>()]).to_string(),
    );
}
