//! Replicas that cannot be.

use std::path::Path;

use atlas_config::{Config, Description, Options, Settings};
use atlas_db::{Db, DbConfig};

use crate::support::golden;

fn refused(url: &str, replicas: &[&str]) -> String {
    let config = DbConfig {
        replicas: replicas.iter().map(|it| (*it).to_owned()).collect(),
        ..DbConfig::at(url)
    };
    let diagnostic = Db::new(&config).unwrap_err();
    assert_eq!(diagnostic.code(), "A210");
    diagnostic.to_string()
}

#[test]
fn a_replica_of_another_engine_is_refused_before_anything_is_opened() {
    let words = refused(
        "postgres://shop:secret@db/shop",
        &[
            "postgresql://shop:secret@r1/shop",
            "mysql://shop:secret@r2/shop",
        ],
    );
    assert!(!words.contains("secret"), "{words}");
    golden("A210_engine.txt", &words, Path::new("/nowhere"));
    for replica in ["sqlite::memory:", "postgres://r/shop", "oracle://r/shop"] {
        let words = refused("mysql://db/shop", &[replica]);
        assert!(words.contains("is another engine than MySQL"), "{words}");
    }
}

#[test]
fn sqlite_has_no_replicas() {
    let words = refused("sqlite::memory:", &["sqlite::memory:"]);
    golden("A210_sqlite.txt", &words, Path::new("/nowhere"));
}

#[test]
fn a_malformed_url_of_a_replica_is_named() {
    let words = refused("mariadb://db/shop", &["mysql://r1/shop", "mysql://r2"]);
    assert!(words.contains("`database.replicas[1]`"), "{words}");
    assert!(words.contains("it names no database"), "{words}");
    assert!(refused("postgres://db/shop", &["r1"]).contains("it has no scheme"));
}

#[test]
fn mysql_and_mariadb_go_together() {
    let config = DbConfig {
        replicas: vec!["mariadb://r/shop".into()],
        ..DbConfig::at("mysql://db/shop")
    };
    Db::new(&config).unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn times_that_would_leave_out_every_replica_are_refused() {
    let wrong = |interval: &str, max_lag: &str| {
        let options = Options::default()
            .env("ATLAS_DATABASE__REPLICA_CHECK_INTERVAL", interval)
            .env("ATLAS_DATABASE__MAX_LAG", max_lag)
            .env(
                "ATLAS_DATABASE__REPLICAS",
                "mysql://r1/shop,mysql://r2/shop",
            );
        let sections = vec![Description::of::<DbConfig>()];
        match Settings::check(&Config::load(&options), sections) {
            Ok(settings) => {
                assert_eq!(settings.section::<DbConfig>().unwrap().replicas.len(), 2);
                String::new()
            }
            Err(errors) => errors.problems()[0].to_string(),
        }
    };
    assert_eq!(wrong("1s", "10s"), "");
    assert_eq!(wrong("1s", "1001ms"), "");
    for (interval, max_lag, key) in [
        ("1s", "1s", "database.max_lag"),
        ("10s", "1s", "database.max_lag"),
        ("0s", "1s", "database.replica_check_interval"),
    ] {
        let words = wrong(interval, max_lag);
        assert!(words.contains(key), "{interval} {max_lag}: {words}");
    }
}
