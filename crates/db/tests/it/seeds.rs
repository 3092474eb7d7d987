//! Seeds run twice, for some profiles, and gone wrong.

use atlas_config::Profile::{Development, Production, Test};
use atlas_db::{
    Db, Error, Seed, Seeds,
    sea_orm::{
        ActiveValue::{NotSet, Set},
        ConnectionTrait, DbErr, IntoActiveModel,
    },
    seed::{self, Rows},
    upsert, upsert_by,
};

use crate::migrating::says;
use crate::support::{Place, engines::on_every_engine, ids, note, value, write};

#[derive(serde::Deserialize)]
struct Records {
    notes: Vec<note::Model>,
}

async fn plant(db: Db, text: &'static str) -> Result<(), atlas_core::BoxError> {
    let records: Records = if text.starts_with('{') {
        seed::json(text)?
    } else {
        seed::toml(text)?
    };
    upsert(
        &db,
        records
            .notes
            .into_iter()
            .map(IntoActiveModel::into_active_model),
    )
    .await?;
    Ok(())
}

fn notes(text: &'static str) -> Seed {
    Seed::new("notes", [Development, Test], move |db| plant(db, text))
}

const JSON: &str = r#"{ "notes": [{ "id": 1, "words": "tea" }, { "id": 2, "words": "cup" }] }"#;

on_every_engine! {
    async fn a_seed_run_twice_changes_nothing_the_second_time(test: TestDb) {
        let db = test.with_notes().await;
        let seeds = Seeds::new(db.clone(), vec![notes(JSON)]);
        seeds.run(Test).await.unwrap();
        seeds.run(Test).await.unwrap();
        assert_eq!(ids(&db).await, [1, 2]);
    }

    async fn a_seed_of_sql_runs_each_of_its_statements_or_none(test: TestDb) {
        let db = test.with_notes().await;
        let sql = "-- two; of them\nDELETE FROM notes WHERE id < 3;\n\
                   INSERT INTO notes (id, words) VALUES (1, 'tea; green');\n\
                   INSERT INTO notes (id, words) VALUES (2, 'cup');\n";
        let seeds = Seeds::new(db.clone(), vec![Seed::sql("notes", [Test], sql)]);
        seeds.run(Test).await.unwrap();
        seeds.run(Test).await.unwrap();
        assert_eq!(ids(&db).await, [1, 2]);

        let bad = "DELETE FROM notes; INSERT INTO nowhere (id) VALUES (1);";
        let seeds = Seeds::new(db.clone(), vec![Seed::sql("bad", [Test], bad)]);
        let error = seeds.run(Test).await.unwrap_err();
        assert!(error.to_string().contains("`bad`"), "{error}");
        assert_eq!(ids(&db).await, [1, 2], "nothing of it is left");
    }

    async fn a_seed_restores_what_was_changed_and_keeps_what_it_does_not_know(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        write(&db, 3).await.unwrap();
        Seeds::new(db.clone(), vec![notes(JSON)])
            .run(Test)
            .await
            .unwrap();
        assert_eq!(ids(&db).await, [1, 2, 3]);
        assert_eq!(
            value(&db, "SELECT words FROM notes WHERE id = 1").await,
            "tea"
        );
    }

    async fn a_seed_runs_in_its_profiles_only(test: TestDb) {
        let db = test.with_notes().await;
        let report = Seeds::new(db.clone(), vec![notes(JSON)])
            .force_production()
            .run(Production)
            .await
            .unwrap();
        assert_eq!((report[0].name, report[0].ran), ("notes", false));
        assert_eq!(ids(&db).await, [] as [i64; 0]);
    }

    async fn records_may_be_toml(test: TestDb) {
        let db = test.with_notes().await;
        let text = "[[notes]]\nid = 5\nwords = \"pot\"\n";
        Seeds::new(db.clone(), vec![notes(text)])
            .run(Development)
            .await
            .unwrap();
        assert_eq!(ids(&db).await, [5]);
    }

    async fn many_records_are_written_in_several_statements(test: TestDb) {
        let db = test.with_notes().await;
        let rows = (0..1001).map(|id| {
            note::Model {
                id,
                words: format!("note {id}"),
            }
            .into_active_model()
        });
        assert_eq!(upsert(&db, rows).await.unwrap().inserted, 1001);
        assert_eq!(ids(&db).await.len(), 1001);
    }

    async fn rows_are_found_again_by_a_natural_key_and_keep_their_primary_key(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        let note = |id, words: &str| {
            note::Model {
                id,
                words: words.to_owned(),
            }
            .into_active_model()
        };
        let rows = [note(1, "note 1"), note(2, "tea"), note(3, "tea")];
        let done = upsert_by(&db, [note::Column::Words], rows).await.unwrap();
        let expected = Rows {
            inserted: 1,
            updated: 0,
            unchanged: 2,
        };
        assert_eq!(done, expected);
        assert_eq!(ids(&db).await, [1, 2]);
    }

    async fn the_latter_of_two_rows_wins(test: TestDb) {
        let db = test.with_notes().await;
        let note = |words: &str| {
            note::Model {
                id: 1,
                words: words.to_owned(),
            }
            .into_active_model()
        };
        let done = upsert(&db, [note("tea"), note("cup")]).await.unwrap();
        assert_eq!((done.inserted, done.updated), (1, 1));
        assert_eq!(value(&db, "SELECT words FROM notes").await, "cup");
    }

    async fn rows_with_other_columns_than_the_ones_before_keep_the_defaults_of_the_database(test: TestDb) {
        let db = &test.db;
        db.execute_unprepared(
            "CREATE TABLE notes (id BIGINT PRIMARY KEY, words VARCHAR(50) NOT NULL DEFAULT 'none')",
        )
        .await
        .unwrap();
        let bare = |id| note::ActiveModel {
            id: Set(id),
            ..Default::default()
        };
        let mut full = bare(2);
        full.words = Set("tea".to_owned());
        upsert(db, [bare(1), full, bare(3)]).await.unwrap();
        let sql = "SELECT count(*) FROM notes WHERE words = 'none'";
        assert_eq!(value(db, sql).await, "2");
    }

    async fn a_row_without_its_key_is_refused_and_no_row_is_written(test: TestDb) {
        let db = test.with_notes().await;
        let rows = (0..1500).map(|id| note::ActiveModel {
            id: if id == 1400 { NotSet } else { Set(id) },
            words: Set(format!("note {id}")),
        });
        let error = upsert(&db, rows).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "a row of `notes` has no `id`, by which it would be found again"
        );
        assert_eq!(ids(&db).await, [] as [i64; 0]);
    }

    async fn rows_of_a_seed_in_code_are_counted(test: TestDb) {
        let db = test.with_notes().await;
        let report = Seeds::new(db.clone(), vec![notes(JSON)])
            .run(Test)
            .await
            .unwrap();
        assert_eq!(report[0].tables[0].table, "notes");
        assert_eq!(report[0].tables[0].rows.inserted, 2);
    }

    async fn a_seed_that_fails_leaves_nothing_and_names_itself(test: TestDb) {
        let db = test.with_notes().await;
        let half = Seed::new("half", [Test], |db: Db| async move {
            write(&db, 8).await?;
            Err::<(), Error>(DbErr::Custom("the cup broke".into()).into())
        });
        let seeds = Seeds::new(db.clone(), vec![notes(JSON), half]);
        let error = seeds.run(Test).await.unwrap_err();
        says(&db, "A207_failed.txt", &error.to_string());
        assert_eq!((error.code(), error.exit_code()), ("A207", 65));
        assert_eq!(ids(&db).await, [1, 2], "the seed before it stays");

        let malformed = Seeds::new(
            db.clone(),
            vec![notes("{ \"notes\": [{ \"id\": \"one\" }] }")],
        )
        .run(Test)
        .await;
        says(&db, "A207_malformed.txt", &malformed.unwrap_err().to_string());
    }
}

#[tokio::test]
async fn long_texts_are_spread_over_several_statements() {
    let (_place, db) = Place::with_notes().await;
    let words = "tea ".repeat(100_000);
    let rows = (0..12).map(|id| {
        note::Model {
            id,
            words: format!("{words}{id}"),
        }
        .into_active_model()
    });
    assert_eq!(upsert(&db, rows).await.unwrap().inserted, 12);
    assert_eq!(
        value(&db, "SELECT max(length(words)) FROM notes").await,
        "400002"
    );
}
