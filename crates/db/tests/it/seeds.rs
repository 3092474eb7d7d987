//! Seeds run twice, for some profiles, and gone wrong.

use atlas_config::Profile::{Development, Production, Test};
use atlas_db::{
    Db, Error, Seed, Seeds,
    sea_orm::{DbErr, IntoActiveModel},
    seed, upsert,
};

use crate::support::{Place, golden, ids, note, value, write};

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

#[tokio::test]
async fn a_seed_run_twice_changes_nothing_the_second_time() {
    let (_place, db) = Place::with_notes().await;
    let seeds = Seeds::new(db.clone(), vec![notes(JSON)]);
    seeds.run(Test).await.unwrap();
    seeds.run(Test).await.unwrap();
    assert_eq!(ids(&db).await, [1, 2]);
}

#[tokio::test]
async fn a_seed_restores_what_was_changed_and_keeps_what_it_does_not_know() {
    let (_place, db) = Place::with_notes().await;
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

#[tokio::test]
async fn a_seed_runs_in_its_profiles_only() {
    let (_place, db) = Place::with_notes().await;
    let report = Seeds::new(db.clone(), vec![notes(JSON)])
        .run(Production)
        .await
        .unwrap();
    assert_eq!((report[0].name, report[0].ran), ("notes", false));
    assert_eq!(ids(&db).await, [] as [i64; 0]);
}

#[tokio::test]
async fn records_may_be_toml() {
    let (_place, db) = Place::with_notes().await;
    let text = "[[notes]]\nid = 5\nwords = \"pot\"\n";
    Seeds::new(db.clone(), vec![notes(text)])
        .run(Development)
        .await
        .unwrap();
    assert_eq!(ids(&db).await, [5]);
}

#[tokio::test]
async fn many_records_are_written_in_several_statements() {
    let (_place, db) = Place::with_notes().await;
    let rows = (0..1001).map(|id| {
        note::Model {
            id,
            words: format!("note {id}"),
        }
        .into_active_model()
    });
    assert_eq!(upsert(&db, rows).await.unwrap(), 1001);
    assert_eq!(ids(&db).await.len(), 1001);
}

#[tokio::test]
async fn a_seed_that_fails_leaves_nothing_and_names_itself() {
    let (place, db) = Place::with_notes().await;
    let half = Seed::new("half", [Test], |db: Db| async move {
        write(&db, 8).await?;
        Err::<(), Error>(DbErr::Custom("the cup broke".into()).into())
    });
    let seeds = Seeds::new(db.clone(), vec![notes(JSON), half]);
    let error = seeds.run(Test).await.unwrap_err();
    golden("A207_failed.txt", &error.to_string(), place.0.path());
    assert_eq!((error.code(), error.exit_code()), ("A207", 65));
    assert_eq!(ids(&db).await, [1, 2], "the seed before it stays");

    let malformed = Seeds::new(
        db.clone(),
        vec![notes("{ \"notes\": [{ \"id\": \"one\" }] }")],
    )
    .run(Test)
    .await;
    golden(
        "A207_malformed.txt",
        &malformed.unwrap_err().to_string(),
        place.0.path(),
    );
}
