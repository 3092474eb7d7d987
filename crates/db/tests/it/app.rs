//! The database as a part of a service.

use atlas_config::{Profile, Section};
use atlas_core::{App, Component, HealthCheck, Module};
use atlas_db::{
    Db, DbConfig, Error, Migrate, Migration, Migrations, Schema, Seed, Seeding, Seeds, migration,
    sea_orm::ConnectionTrait,
};

use crate::support::{Place, golden, value};

/// The teas there are, in one text.
const TEAS: &str = "SELECT coalesce(group_concat(name), 'NULL') FROM teas";

struct CreateTeas;

impl Migration for CreateTeas {
    fn name(&self) -> &'static str {
        atlas_db::file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.sql("CREATE TABLE teas (name TEXT NOT NULL)");
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("teas");
    }
}

/// One tea, for one profile.
fn seed(name: &'static str, profile: Profile) -> Seed {
    Seed::new(name, [profile], move |db: Db| async move {
        let sql = format!(
            "INSERT INTO teas SELECT '{name}' WHERE '{name}' NOT IN (SELECT name FROM teas)"
        );
        db.execute_unprepared(&sql).await.map(drop)
    })
}

#[derive(Clone)]
struct Checks(Vec<HealthCheck>);

impl Component for Checks {}

fn app(config: DbConfig) -> App {
    App::new("teas")
        .module(atlas_db::module())
        .module(
            Module::new("teas")
                .supply(Profile::Test)
                .contribute(|| migration(CreateTeas))
                .contribute(|| seed("sencha", Profile::Test))
                .contribute(|| seed("oolong", Profile::Development))
                .provide(Checks),
        )
        .with(|module| module.replace(move || config.clone()))
}

#[test]
fn the_graph_is_sound() {
    App::new("teas")
        .module(atlas_config::module())
        .module(atlas_db::module())
        .expose::<Db>()
        .check()
        .unwrap();
}

#[tokio::test]
async fn migrations_and_seeds_are_applied_before_anything_else_starts_and_the_file_is_closed_at_the_end()
 {
    let place = Place::new();
    let running = app(DbConfig::at(place.url()))
        .expose::<Db>()
        .start()
        .await
        .unwrap();
    let db: Db = running.get().unwrap();
    assert_eq!(value(&db, "SELECT name FROM atlas_migrations").await, "app");
    assert_eq!(value(&db, TEAS).await, "sencha");
    running.stop().await.unwrap();
    assert!(db.ping().await.is_err());
    assert!(!place.0.path().join("notes.sqlite-wal").exists());
}

#[tokio::test]
async fn a_start_that_has_migrated_seeds_unless_told_to_skip() {
    for (seeding, teas) in [(Seeding::Skip, "NULL"), (Seeding::Apply, "sencha")] {
        let place = Place::new();
        let config = DbConfig {
            seed: seeding,
            ..DbConfig::at(place.url())
        };
        let running = app(config).expose::<Db>().start().await.unwrap();
        let db: Db = running.get().unwrap();
        assert_eq!(value(&db, TEAS).await, teas, "{seeding:?}");
        running.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_changed_in_seeded_rows_outlives_a_restart() {
    let place = Place::new();
    for (before, after) in [("sencha", "matcha"), ("matcha", "matcha")] {
        let running = app(DbConfig::at(place.url()))
            .expose::<Db>()
            .start()
            .await
            .unwrap();
        let db: Db = running.get().unwrap();
        assert_eq!(value(&db, TEAS).await, before);
        db.execute_unprepared(&format!("UPDATE teas SET name = '{after}'"))
            .await
            .unwrap();
        running.stop().await.unwrap();
    }
}

#[test]
fn only_production_neither_migrates_nor_seeds_by_itself() {
    for (profile, migrate, seed) in [
        (Profile::Development, Migrate::Apply, Seeding::Apply),
        (Profile::Test, Migrate::Apply, Seeding::Apply),
        (Profile::Production, Migrate::Check, Seeding::Skip),
    ] {
        let config = DbConfig::defaults(profile).unwrap();
        assert_eq!((config.migrate, config.seed), (migrate, seed), "{profile}");
    }
}

#[tokio::test]
async fn a_service_that_only_checks_refuses_to_start_until_it_was_migrated() {
    let place = Place::new();
    let config = DbConfig {
        migrate: Migrate::Check,
        ..DbConfig::at(place.url())
    };
    let refused = app(config.clone())
        .expose::<Db>()
        .start()
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(refused.exit_code(), 65);
    let diagnostic = refused.diagnostic().expect("it carries the cause");
    golden("A203_start.txt", &diagnostic.to_string(), place.0.path());

    let migrations: Migrations = app(config.clone()).resolve().await.unwrap();
    assert_eq!(migrations.up().await.unwrap(), ["app"]);
    app(config)
        .expose::<Db>()
        .start()
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_bad_url_ends_the_start_with_the_code_of_configuration() {
    let refused = app(DbConfig::at("nonsense"))
        .expose::<Db>()
        .start()
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(refused.exit_code(), 78);
}

#[tokio::test]
async fn nothing_is_opened_when_nothing_asks_for_it() {
    let place = Place::new();
    app(DbConfig::at(place.url()))
        .start()
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    assert!(!place.file().exists());
}

#[tokio::test]
async fn the_health_check_follows_the_database() {
    let place = Place::new();
    let (checks, db, seeds): (Checks, Db, Seeds) =
        app(DbConfig::at(place.url())).resolve().await.unwrap();
    let check = &checks.0[0];
    assert_eq!(check.name(), "database");
    assert!(check.is_critical());
    check.check().await.unwrap();
    db.close().await;
    assert!(check.check().await.is_err());
    assert!(
        seeds
            .force_production()
            .run(Profile::Production)
            .await
            .unwrap()
            .iter()
            .all(|it| !it.ran)
    );
}

#[tokio::test]
async fn a_database_whose_connections_are_all_in_use_is_well() {
    let only_one = DbConfig::at("sqlite::memory:");
    let (checks, db): (Checks, Db) = app(only_one).resolve().await.unwrap();
    let held: Result<(), Error> = db
        .transaction(|| async {
            checks.0[0].check().await.unwrap();
            Ok(())
        })
        .await;
    held.unwrap();
}
