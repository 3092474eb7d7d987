//! Which engine a test is for.

use atlas::db::Engine;
use atlas_servers::Kind;

/// The variable that says so for all tests of a run.
const VARIABLE: &str = "ATLAS_TEST_DATABASE";

/// The engine that the test asks for, else the one of `ATLAS_TEST_DATABASE`, else the one of the configured URL.
///
/// # Errors
/// When the variable says something else than an engine.
pub(crate) fn engine_for(asked: Option<Engine>, url: &str) -> Result<Engine, String> {
    if let Some(engine) = asked {
        return Ok(engine);
    }
    match std::env::var(VARIABLE) {
        Ok(word) if !word.is_empty() => engine_of_word(&word).ok_or_else(|| {
            format!("`{VARIABLE}` is `{word}`, not `sqlite`, `postgres`, `mariadb` or `mysql`")
        }),
        _ => Ok(engine_of_url(url)),
    }
}

fn engine_of_word(word: &str) -> Option<Engine> {
    if word == "sqlite" {
        return Some(Engine::Sqlite);
    }
    match Kind::of_word(word)? {
        Kind::Postgres => Some(Engine::Postgres),
        Kind::MariaDb => Some(Engine::MariaDb),
        Kind::MySql => Some(Engine::MySql),
        Kind::Redis => None,
    }
}

/// MySQL's scheme stands for MariaDB too, which more machines have; the variable tells them apart.
fn engine_of_url(url: &str) -> Engine {
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "postgres" | "postgresql" => Engine::Postgres,
        "mariadb" => Engine::MariaDb,
        "mysql" if atlas_servers::shared(Kind::MySql).is_ok() => Engine::MySql,
        "mysql" => Engine::MariaDb,
        _ => Engine::Sqlite,
    }
}

/// Whether this build of the test kit has the engine.
pub(super) fn check_feature(engine: Engine) -> Result<(), String> {
    let (feature, is_on) = match engine {
        Engine::Sqlite => ("sqlite", cfg!(feature = "sqlite")),
        Engine::Postgres => ("postgres", cfg!(feature = "postgres")),
        Engine::MySql | Engine::MariaDb => ("mysql", cfg!(feature = "mysql")),
    };
    match is_on {
        true => Ok(()),
        false => Err(format!(
            "the test is for {engine}: enable the feature `{feature}` of `atlas-kit-test`"
        )),
    }
}
