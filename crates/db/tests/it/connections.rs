//! When connections are opened and closed, and how they are set up.

use atlas_config::{Profile, Section};
use atlas_db::{Db, DbConfig, Durability, sea_orm::ConnectionTrait};

use tokio::sync::oneshot;

use crate::support::{Place, ids, value, write};

#[tokio::test]
async fn a_handle_is_made_without_touching_the_disk() {
    let place = Place::new();
    let db = place.db();
    assert!(!place.file().exists());
    db.ping().await.unwrap();
    assert!(place.file().exists());
}

#[tokio::test]
async fn a_missing_folder_is_created_with_the_file() {
    let place = Place::new();
    let url = format!("sqlite://{}/a/b/notes.sqlite", place.0.path().display());
    Db::new(&DbConfig::at(url)).unwrap().ping().await.unwrap();
    assert!(place.0.path().join("a/b/notes.sqlite").exists());
}

#[tokio::test]
async fn a_file_that_must_exist_is_not_created() {
    let place = Place::new();
    let db = Db::new(&DbConfig::at(place.url() + "?mode=rw")).unwrap();
    assert!(db.ping().await.is_err());
    assert!(!place.file().exists());
}

#[tokio::test]
async fn every_connection_has_the_promised_settings() {
    let (_place, db) = Place::with_notes().await;
    assert_eq!(value(&db, "PRAGMA journal_mode").await, "wal");
    assert_eq!(value(&db, "PRAGMA foreign_keys").await, "1");
    assert_eq!(value(&db, "PRAGMA busy_timeout").await, "5000");
    assert_eq!(value(&db, "PRAGMA query_only").await, "0");
    // what begins with SELECT runs on a reader
    assert_eq!(
        value(&db, "SELECT foreign_keys FROM pragma_foreign_keys").await,
        "1"
    );
    assert_eq!(
        value(&db, "SELECT timeout FROM pragma_busy_timeout").await,
        "5000"
    );
    assert_eq!(
        value(&db, "SELECT query_only FROM pragma_query_only").await,
        "1"
    );
}

#[tokio::test]
async fn a_commit_is_as_durable_as_configured() {
    for (durability, synchronous) in [
        (Durability::Full, "2"),
        (Durability::Relaxed, "1"),
        (Durability::None, "0"),
    ] {
        let place = Place::new();
        let db = Db::new(&DbConfig {
            durability,
            ..DbConfig::at(place.url())
        })
        .unwrap();
        assert_eq!(value(&db, "PRAGMA synchronous").await, synchronous);
    }
    let of = |profile| <DbConfig as Section>::defaults(profile).unwrap().durability;
    assert_eq!(of(Profile::Production), Durability::Full);
    assert_ne!(of(Profile::Development), Durability::None);
}

#[tokio::test]
async fn what_is_in_memory_stays_there_for_the_life_of_the_handle() {
    let db = Db::new(&DbConfig::at("sqlite::memory:")).unwrap();
    db.execute_unprepared("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        .await
        .unwrap();
    write(&db, 1).await.unwrap();
    assert_eq!(ids(&db.clone()).await, [1]);
    let other = Db::new(&DbConfig::at("sqlite::memory:")).unwrap();
    assert!(
        write(&other, 1).await.is_err(),
        "two databases in memory are two"
    );
}

#[tokio::test]
async fn a_database_opened_for_reading_is_read_and_not_written() {
    let (place, db) = Place::with_notes().await;
    write(&db, 1).await.unwrap();
    db.close().await;
    let reader = Db::new(&DbConfig::at(place.url() + "?mode=ro")).unwrap();
    assert_eq!(ids(&reader).await, [1]);
    let seen: Result<_, atlas_db::Error> = reader
        .transaction(|| async { Ok(ids(&reader).await) })
        .await;
    assert_eq!(seen.unwrap(), [1]);
    let refused = write(&reader, 2).await.unwrap_err();
    assert_eq!(refused.to_string(), "attempt to write a readonly database");
}

#[tokio::test]
async fn closing_waits_for_work_and_leaves_one_clean_file() {
    let (place, db) = Place::with_notes().await;
    let (entered, go_on) = (oneshot::channel::<()>(), oneshot::channel::<()>());
    let working = tokio::spawn({
        let db = db.clone();
        async move {
            db.transaction(|| async {
                write(&db, 1).await?;
                entered.0.send(()).unwrap();
                go_on.1.await.unwrap();
                write(&db, 2).await
            })
            .await
        }
    });
    entered.1.await.unwrap();
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close().await }
    });
    while db.ping().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished(), "it waits for the transaction");
    go_on.0.send(()).unwrap();
    closing.await.unwrap();
    working.await.unwrap().unwrap();
    let left: Vec<_> = std::fs::read_dir(place.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        left,
        ["notes.sqlite"],
        "the write-ahead log went into the file"
    );
    assert_eq!(
        db.ping().await.unwrap_err().to_string(),
        "the database handle is closed"
    );
}
