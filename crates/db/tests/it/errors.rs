//! What is said about a database that cannot be used.

use std::fs;

use atlas_db::{Db, DbConfig, Migrations, sea_orm::ConnectionTrait};

use crate::support::{Place, engines::on_every_engine, golden};

#[track_caller]
fn refused(url: &str, name: &str) {
    let error = Db::new(&DbConfig::at(url)).unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("A202", 78));
    golden(name, &error.to_string(), "/nowhere".as_ref());
}

#[test]
fn a_url_that_names_no_database_is_a202() {
    refused("data/shop.sqlite", "A202_scheme.txt");
    refused("sqlite://data/shop.sqlite?mode=wr", "A202_mode.txt");
    refused("sqlite://", "A202_no_file.txt");
}

#[test]
fn an_engine_that_was_not_compiled_in_is_a202_and_its_password_stays_hidden() {
    refused("oracle://shop:hunter2@db.internal/shop", "A202_driver.txt");
    let debug = format!(
        "{:?}",
        DbConfig::at("oracle://shop:hunter2@db.internal/shop")
    );
    assert!(!debug.contains("hunter2"), "{debug}");
}

async fn unusable(db: Db, name: &str, place: &Place) {
    let error = Migrations::new(db, Vec::new())
        .unwrap()
        .check()
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("A206", 69));
    golden(name, &error.to_string(), place.0.path());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_a206_and_is_left_alone() {
    let place = Place::new();
    let garbage = "this is no database, but a letter to one. ".repeat(100);
    fs::write(place.file(), &garbage).unwrap();
    unusable(place.db(), "A206_garbage.txt", &place).await;
    assert_eq!(fs::read_to_string(place.file()).unwrap(), garbage);
}

#[tokio::test]
async fn a_damaged_file_is_a206() {
    let (place, db) = Place::with_notes().await;
    db.close().await;
    let mut bytes = fs::read(place.file()).unwrap();
    bytes[100..2000].fill(0xff);
    fs::write(place.file(), bytes).unwrap();
    unusable(place.db(), "A206_damaged.txt", &place).await;
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_a206() {
    let place = Place::new();
    fs::create_dir(place.file()).unwrap();
    unusable(place.db(), "A206_folder.txt", &place).await;

    let place = Place::new();
    fs::write(place.0.path().join("file"), "").unwrap();
    let inside = format!("sqlite://{}/file/notes.sqlite", place.0.path().display());
    unusable(
        Db::new(&DbConfig::at(inside)).unwrap(),
        "A206_parent.txt",
        &place,
    )
    .await;

    let place = Place::new();
    let must_exist = Db::new(&DbConfig::at(place.url() + "?mode=rw")).unwrap();
    unusable(must_exist, "A206_missing.txt", &place).await;
}

#[tokio::test]
async fn migrating_a_database_that_may_only_be_read_says_how() {
    let (place, db) = Place::with_notes().await;
    db.close().await;
    let reader = Db::new(&DbConfig::at(place.url() + "?mode=ro")).unwrap();
    struct Nothing;
    impl atlas_db::Migration for Nothing {
        fn name(&self) -> &'static str {
            "m1_nothing"
        }
        fn up(&self, _: &mut atlas_db::Schema) {}
        fn down(&self, _: &mut atlas_db::Schema) {}
    }
    let all = Migrations::new(reader, vec![atlas_db::migration(Nothing)]).unwrap();
    golden(
        "A206_read_only.txt",
        &all.up().await.unwrap_err().to_string(),
        place.0.path(),
    );
}

on_every_engine! {
    async fn the_chain_of_causes_is_kept(test: TestDb) {
        let db = test.with_notes().await;
        let error = atlas_db::Error::from(db.execute_unprepared("SELEKT").await.unwrap_err());
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("syntax"), "{cause}");
    }

    async fn a_value_that_is_refused_is_not_repeated_in_words(test: TestDb) {
        let table = "CREATE TABLE people (name VARCHAR(40) NOT NULL, age SMALLINT, born DATE, CONSTRAINT one_name UNIQUE (name))";
        test.db.execute_unprepared(table).await.unwrap();
        let first = "INSERT INTO people (name) VALUES ('bob@example.org')";
        test.db.execute_unprepared(first).await.unwrap();
        let is_sqlite = test.engine == atlas_db::Engine::Sqlite;
        for (column, value, is_duplicate) in [
            ("name", "bob@example.org", true),
            ("age", "it's bob@example.org", false),
            ("born", "bob@example.org", false),
        ] {
            if is_sqlite && !is_duplicate {
                continue; // it takes anything
            }
            let quoted = value.replace('\'', "''");
            let name = if is_duplicate { "" } else { "name, " };
            let other = if is_duplicate { "" } else { "'other', " };
            let sql = format!("INSERT INTO people ({name}{column}) VALUES ({other}'{quoted}')");
            let inner = test.db.execute_unprepared(&sql).await.unwrap_err();
            let error = atlas_db::Error::from(inner);
            assert_eq!(error.is_duplicate(), is_duplicate, "{error}");
            if is_duplicate {
                let key = if is_sqlite { "people.name" } else { "one_name" };
                assert!(error.to_string().contains(key), "{error}");
            }
            let error = atlas_core::Error::from(error);
            let mut next: Option<&dyn std::error::Error> = Some(&error);
            let mut depth = 0;
            while let Some(cause) = next {
                assert!(!cause.to_string().contains("bob@"), "{cause}");
                next = cause.source();
                depth += 1;
            }
            assert!(depth > 1, "the error of the database is its cause");
        }
    }
}
