//! A database as a whole: written to a file, removed.

use std::{fs, sync::Arc};

use atlas_config::Profile;
use atlas_db::{
    Admin, Db, DbConfig, Engine,
    sea_orm::{ConnectionTrait, Statement, TransactionSession, TransactionTrait},
};
use tokio::sync::Barrier;

use crate::support::{
    Place,
    engines::{on_every_engine, on_every_server},
    ids, value, write,
};

fn admin(url: &str) -> Admin {
    Admin::new(DbConfig::at(url), Profile::Development).unwrap()
}

/// The database as SQL.
async fn dumped(place: &Place, schema_only: bool) -> String {
    let mut text = String::new();
    let write = |part: &str| {
        text.push_str(part);
        Ok(())
    };
    let admin = admin(&place.url());
    admin.dump(schema_only, write).await.unwrap();
    text
}

/// Another database, made of a dump.
async fn restored(dump: &str) -> (Place, Db) {
    let place = Place::new();
    let db = place.db();
    db.execute_unprepared(dump).await.unwrap();
    (place, db)
}

async fn all(db: &Db, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let texts = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    texts.collect()
}

#[tokio::test]
async fn a_dump_is_of_one_moment_and_nobody_waits_for_it() {
    let (place, db) = Place::with_notes().await;
    for id in 0..1_500 {
        write(&db, id).await.unwrap();
    }
    let writer = place.db();
    let mut written = false;
    let mut text = String::new();
    let outcome = admin(&place.url())
        .dump(false, |part| {
            text.push_str(part);
            if part.contains("'note 10'") && !written {
                written = true;
                let writer = writer.clone();
                // on a thread of its own: the dump does not go on before this is done
                let work = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    runtime.block_on(async {
                        let written = write(&writer, 5_000).await;
                        writer.close().await;
                        written
                    })
                });
                work.join().unwrap().unwrap();
            }
            Ok(())
        })
        .await;
    outcome.unwrap();
    assert!(written);
    assert_eq!(ids(&db).await.len(), 1_501, "the writer did not wait");
    let (_place, again) = restored(&text).await;
    assert_eq!(
        ids(&again).await.len(),
        1_500,
        "what was written meanwhile is of another moment"
    );
}

#[tokio::test]
async fn a_virtual_table_is_dumped_as_one() {
    let (place, db) = Place::with_notes().await;
    for sql in [
        "INSERT INTO notes VALUES (1, 'green tea'), (2, 'black tea')",
        "CREATE VIRTUAL TABLE own USING fts5(title, words)",
        "INSERT INTO own (rowid, title, words) VALUES (7, 'it''s', 'a cup'), (9, NULL, 'a pot')",
        "CREATE VIRTUAL TABLE of_notes USING fts5(words, content='notes', content_rowid='id')",
        "INSERT INTO of_notes (of_notes) VALUES ('rebuild')",
        "CREATE VIRTUAL TABLE \"older one\" USING fts4(words)",
        "INSERT INTO \"older one\" (docid, words) VALUES (5, 'a kettle')",
        "CREATE VIRTUAL TABLE bare USING fts5(words, content='')",
        "INSERT INTO bare (rowid, words) VALUES (1, 'gone')",
        "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)",
        "INSERT INTO boxes VALUES (3, 1.5, 2.5)",
        "CREATE VIRTUAL TABLE terms USING fts5vocab(own, row)",
        "CREATE TABLE own_words (word TEXT)",
        "INSERT INTO own_words VALUES ('no shadow of anything')",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let dump = dumped(&place, false).await;
    for shadow in [
        "own_data",
        "own_content",
        "of_notes_idx",
        "boxes_node",
        "older one_segments",
    ] {
        assert!(!dump.contains(shadow), "{shadow} in {dump}");
    }
    assert!(
        dump.contains("-- the rows of \"bare\" are left out"),
        "{dump}"
    );
    let (_place, again) = restored(&dump).await;
    for (sql, found) in [
        (
            "SELECT rowid || title FROM own WHERE own MATCH 'cup'",
            "7it's",
        ),
        (
            "SELECT CAST(rowid AS TEXT) FROM own WHERE own MATCH 'pot' AND title IS NULL",
            "9",
        ),
        (
            "SELECT rowid || words FROM of_notes WHERE of_notes MATCH 'black'",
            "2black tea",
        ),
        (
            "SELECT docid || words FROM \"older one\" WHERE words MATCH 'kettle'",
            "5a kettle",
        ),
        ("SELECT id || ' ' || low FROM boxes WHERE high > 2", "3 1.5"),
        ("SELECT term FROM terms WHERE term = 'pot'", "pot"),
        ("SELECT word FROM own_words", "no shadow of anything"),
    ] {
        assert_eq!(all(&again, sql).await, [found], "{sql}");
    }
    again
        .execute_unprepared("INSERT INTO bare (rowid, words) VALUES (2, 'here')")
        .await
        .unwrap();
    let schema = dumped(&place, true).await;
    assert!(
        schema.contains("CREATE VIRTUAL TABLE boxes") && !schema.contains("INSERT"),
        "{schema}"
    );
}

#[tokio::test]
async fn a_file_that_somebody_has_open_is_not_removed() {
    let (place, db) = Place::with_notes().await;
    write(&db, 1).await.unwrap();
    let admin = admin(&place.url());
    let error = admin.remove().await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("A216", 69));
    assert!(
        error.to_string().contains("other programs have it open"),
        "{error}"
    );
    assert_eq!(ids(&db).await, [1], "nothing happened to it");
    write(&db, 2).await.unwrap();
    db.close().await;
    assert!(admin.remove().await.unwrap());
    assert!(!place.file().exists() && !admin.remove().await.unwrap());

    // what is no database is used by nobody
    fs::write(place.file(), "no database").unwrap();
    assert!(admin.remove().await.unwrap());
}

on_every_server! {
    async fn who_comes_second_finds_the_database_made(test: TestDb) {
        let url = test.url.replace(test.name(), &format!("{}_twin", test.name()));
        let (admin, barrier) = (Arc::new(admin(&url)), Arc::new(Barrier::new(4)));
        for _ in 0..5 {
            let creators: Vec<_> = (0..4)
                .map(|_| {
                    let (admin, barrier) = (Arc::clone(&admin), Arc::clone(&barrier));
                    tokio::spawn(async move {
                        barrier.wait().await;
                        admin.create().await
                    })
                })
                .collect();
            let mut made = 0;
            for creator in creators {
                made += usize::from(creator.await.unwrap().unwrap());
            }
            assert_eq!(made, 1);
            assert!(admin.remove().await.unwrap());
        }
    }
}

on_every_engine! {
    // MySQL and MariaDB remove a database under those who use it
    async fn a_database_in_use_is_refused_where_the_engine_knows(test: TestDb) {
        let db = test.with_notes().await;
        let held = db.begin().await.unwrap();
        assert_eq!(value(&held, "SELECT count(*) FROM replies").await, "0");
        match test.engine {
            Engine::Sqlite | Engine::Postgres => {
                let error = admin(&test.url).remove().await.unwrap_err();
                assert_eq!((error.code(), error.exit_code()), ("A216", 69));
                held.rollback().await.unwrap();
                write(&db, 1).await.unwrap();
            }
            Engine::MySql | Engine::MariaDb => {
                held.rollback().await.unwrap();
                assert!(admin(&test.url).remove().await.unwrap());
                assert!(admin(&test.url).create().await.unwrap());
            }
        }
    }
}
