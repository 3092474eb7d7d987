//! Where engines differ: each row of the table in `docs/database.md` that can be shown.

use atlas_config::Duration;
use atlas_db::{
    Engine, Error,
    sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Statement},
    upsert,
};
use tokio::time::Instant;

use crate::support::{engines::on_every_engine, ids, note, value, write};

on_every_engine! {
    async fn nothing_is_sorted_last_on_postgres_and_first_elsewhere(test: TestDb) {
        let db = &test.db;
        db.execute_unprepared("CREATE TABLE t (id INT, n INT); INSERT INTO t VALUES (1, 5), (2, NULL)")
            .await
            .unwrap();
        let first = value(db, "SELECT id FROM t ORDER BY n LIMIT 1").await;
        let last = if test.engine == Engine::Postgres { "1" } else { "2" };
        assert_eq!(first, last);
    }

    async fn two_bars_join_texts_everywhere(test: TestDb) {
        assert_eq!(value(&test.db, "SELECT 'a' || 'b'").await, "ab");
    }

    async fn a_whole_number_divided_has_a_rest_on_mysql_and_mariadb_only(test: TestDb) {
        let half = value(&test.db, "SELECT CASE WHEN 1 / 2 = 0 THEN 'whole' ELSE 'half' END").await;
        let expected = match test.engine {
            Engine::Sqlite | Engine::Postgres => "whole",
            Engine::MySql | Engine::MariaDb => "half",
        };
        assert_eq!(half, expected);
    }

    async fn letters_beyond_ascii_are_searched_in_either_case_by_servers_only(test: TestDb) {
        let db = test.with_notes().await;
        db.execute_unprepared("INSERT INTO notes VALUES (1, 'ÉCLAIR')").await.unwrap();
        let found = |text: &'static str| {
            let search = note::Entity::find().filter(atlas_db::contains(note::Column::Words, text));
            async { search.all(&db).await.unwrap().len() }
        };
        assert_eq!(found("ÉCLAIR").await, 1, "as it is written");
        assert_eq!(found("Éclair").await, 1, "ASCII in either case");
        let folded = usize::from(test.engine != Engine::Sqlite);
        assert_eq!(found("éclair").await, folded);
    }

    async fn an_upsert_meets_another_unique_key(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        let other_id_same_words = note::Model { id: 2, words: "note 1".into() };
        let outcome = upsert(&db, [other_id_same_words.into_active_model()]).await;
        // silently updating the row of another key is what MySQL would do by itself
        match test.engine {
            Engine::Sqlite | Engine::Postgres => assert!(outcome.unwrap_err().is_duplicate()),
            Engine::MySql | Engine::MariaDb => {
                let kept = ids(&db).await;
                assert!(outcome.is_err() || kept == [1], "{kept:?}");
            }
        }
    }

    async fn definitions_are_undone_where_the_engine_can_and_refused_elsewhere(test: TestDb) {
        let outcome: Result<(), Error> = test
            .db
            .transaction(|| async {
                let created = test.db.execute_unprepared("CREATE TABLE half (id INT)").await;
                created?;
                test.db.execute_unprepared("SELEKT").await?;
                Ok(())
            })
            .await;
        assert_eq!(outcome.unwrap_err().is_unsupported(), !test.engine.undoes_definitions());
        test.db.execute_unprepared("SELECT * FROM half").await.unwrap_err();
    }

    async fn waiting_for_a_lock_is_bounded_by_at_least_a_second_on_mysql_and_mariadb(test: TestDb) {
        let db = test.with_notes().await;
        let other = test.open(|config| config.lock_timeout = Duration::from_millis(100));
        other.ping().await.unwrap();
        // the shortest of three: a busy machine adds to each
        let waited = db
            .transaction(|| async {
                write(&db, 1).await?;
                let mut shortest = std::time::Duration::MAX;
                for _ in 0..3 {
                    let started = Instant::now();
                    let error = write(&other, 1).await.unwrap_err();
                    assert!(error.is_transient(), "{error}");
                    shortest = shortest.min(started.elapsed());
                }
                Ok::<_, Error>(shortest)
            })
            .await
            .unwrap();
        let whole = matches!(test.engine, Engine::MySql | Engine::MariaDb);
        assert_eq!(waited >= std::time::Duration::from_millis(900), whole, "{waited:?}");
    }

    async fn a_number_is_no_text_on_postgres(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        let backend = db.get_database_backend();
        let mark = if test.engine == Engine::Postgres { "$1" } else { "?" };
        let sql = format!("SELECT id FROM notes WHERE id = {mark}");
        let text = Statement::from_sql_and_values(backend, sql, ["1".into()]);
        let outcome = db.query_one_raw(text).await;
        assert_eq!(outcome.is_err(), test.engine == Engine::Postgres);
    }

    async fn an_unknown_column_is_refused_by_every_engine(test: TestDb) {
        let db = test.with_notes().await;
        let error = Error::from(db.execute_unprepared("SELECT nope FROM notes").await.unwrap_err());
        assert!(!error.is_transient());
        assert_eq!(atlas_core::Error::from(error).kind(), atlas_core::Kind::Internal);
    }
}
