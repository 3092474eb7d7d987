//! A disk without room for more.

use atlas_core::Kind;
use atlas_db::{Db, DbConfig, Error, sea_orm::ConnectionTrait};

use crate::support::{Place, ids, note, value, write};

#[tokio::test]
async fn a_full_disk_undoes_the_transaction_and_is_named() {
    let (_place, db) = Place::with_notes().await;
    full(&db).await;
}

#[tokio::test]
async fn a_database_in_memory_outlives_its_lack_of_room() {
    let db = Db::new(&DbConfig::at("sqlite::memory:")).unwrap();
    note::create(&db).await;
    full(&db).await;
}

/// SQLite's own limit on the size of a file fails as a full disk does, with the same code.
async fn full(db: &Db) {
    write(db, 1).await.unwrap();
    let pages: u32 = value(db, "PRAGMA page_count").await.parse().unwrap();
    db.execute_unprepared(&format!("PRAGMA max_page_count = {}", pages + 2))
        .await
        .unwrap();
    let fill = || async {
        for id in 2..1000 {
            let words = format!("{id} {}", "long ".repeat(200));
            let sql = format!("INSERT INTO notes VALUES ({id}, '{words}')");
            db.execute_unprepared(&sql).await?;
        }
        Ok::<_, Error>(())
    };
    // the engine has undone the transaction when its caller goes away
    let left = db.transaction(|| async {
        fill().await.unwrap_err();
        std::future::pending::<Result<(), Error>>().await
    });
    let left = tokio::time::timeout(std::time::Duration::from_millis(200), left).await;
    assert!(left.is_err());
    let filled = db.transaction(fill).await;
    let error = filled.unwrap_err();
    assert!(error.is_full(), "{error}");
    assert_eq!(error.to_string(), "database or disk is full");
    let error = atlas_core::Error::from(error);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::Unavailable, "database_full")
    );

    assert_eq!(ids(db).await, [1], "nothing of it is there");
    assert!(!db.in_transaction());
    // readers go on, and writers as soon as there is room
    db.execute_unprepared("PRAGMA max_page_count = 100000")
        .await
        .unwrap();
    let after: Result<(), Error> = db
        .transaction(|| async {
            write(db, 2).await?;
            db.transaction(|| write(db, 3)).await
        })
        .await;
    after.unwrap();
    assert_eq!(ids(db).await, [1, 2, 3]);
}
