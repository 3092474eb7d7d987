//! Pages by position, and searching for text.

use atlas_db::{
    Db, contains,
    sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect},
    seek,
};
use serde_json::{Value, json};

use crate::support::{Place, engines::on_every_engine, note, value};

mod visit {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visits")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) day: Date,
        pub(crate) at: DateTimeUtc,
        pub(crate) vip: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Replaces the notes, whose words may now repeat.
async fn words(db: &Db, rows: &[(i64, &str)]) {
    use atlas_db::sea_orm::{
        ActiveValue::Set,
        sea_query::{ColumnDef, Table},
    };
    db.execute_unprepared("DROP TABLE replies; DROP TABLE notes")
        .await
        .unwrap();
    let notes = Table::create()
        .table("notes")
        .col(ColumnDef::new("id").big_integer().not_null().primary_key())
        .col(ColumnDef::new("words").string().not_null())
        .take();
    db.execute(&notes).await.unwrap();
    let rows = rows.iter().map(|(id, words)| note::ActiveModel {
        id: Set(*id),
        words: Set((*words).to_owned()),
    });
    note::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .unwrap();
}

/// Reads a list page by page and returns the ids.
async fn walk(db: &Db, order: &[(note::Column, bool)], page: u64) -> Vec<i64> {
    let mut after: Option<Vec<Value>> = None;
    let mut ids = Vec::new();
    loop {
        let select = seek(note::Entity::find(), order, after.as_deref()).unwrap();
        let rows = select.limit(page).all(db).await.unwrap();
        let Some(last) = rows.last() else { return ids };
        let position = order.iter().map(|(column, _)| match column {
            note::Column::Id => json!(last.id),
            note::Column::Words => json!(last.words),
        });
        after = Some(position.collect());
        ids.extend(rows.iter().map(|row| row.id));
    }
}

on_every_engine! {
    async fn pages_of_any_size_neither_skip_nor_repeat_a_row(test: TestDb) {
        use note::Column::{Id, Words};
        let db = test.with_notes().await;
        words(
            &db,
            &[(1, "b"), (2, "a"), (3, "b"), (4, "c"), (5, "a"), (6, "b")],
        )
        .await;
        for page in 1..8 {
            assert_eq!(walk(&db, &[(Id, false)], page).await, [1, 2, 3, 4, 5, 6]);
            assert_eq!(walk(&db, &[(Id, true)], page).await, [6, 5, 4, 3, 2, 1]);
            assert_eq!(
                walk(&db, &[(Words, false), (Id, false)], page).await,
                [2, 5, 1, 3, 6, 4]
            );
            assert_eq!(
                walk(&db, &[(Words, true), (Id, false)], page).await,
                [4, 1, 3, 6, 2, 5]
            );
            assert_eq!(
                walk(&db, &[(Words, false), (Id, true)], page).await,
                [5, 2, 6, 3, 1, 4]
            );
        }
    }
}

#[tokio::test]
async fn a_page_is_found_by_the_index() {
    use atlas_db::sea_orm::{DbBackend, QueryTrait};
    use note::Column::{Id, Words};
    let (_place, db) = Place::with_notes().await;
    words(&db, &[]).await;
    db.execute_unprepared("CREATE INDEX notes_by_words ON notes (words, id)")
        .await
        .unwrap();
    let select = seek(
        note::Entity::find(),
        &[(Words, false), (Id, false)],
        Some(&[json!("b"), json!(3)]),
    )
    .unwrap();
    let sql = select.limit(20).build(DbBackend::Sqlite).to_string();
    let row = atlas_db::sea_orm::Statement::from_string(
        DbBackend::Sqlite,
        format!("EXPLAIN QUERY PLAN {sql}"),
    );
    let row = db.query_one_raw(row).await.unwrap().unwrap();
    let detail: String = row.try_get("", "detail").unwrap();
    assert!(
        detail.starts_with("SEARCH notes USING COVERING INDEX notes_by_words (words>?"),
        "{detail}"
    );
}

on_every_engine! {
    async fn positions_have_the_types_of_their_columns(test: TestDb) {
        use visit::Column::{At, Day, Id, Vip};
        let db = test.with_notes().await;
        use atlas_db::sea_orm::sea_query::{ColumnDef, Table};
        let table = Table::create()
            .table("visits")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("day").date().not_null())
            .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("vip").boolean().not_null())
            .take();
        db.execute(&table).await.unwrap();
        let visits: Vec<visit::Model> = (1..=4_u128)
            .map(|n| visit::Model {
                id: atlas_db::sea_orm::prelude::Uuid::from_u128(n),
                day: format!("2026-11-{:02}", n / 2 + 1).parse().unwrap(),
                at: format!("2026-11-22T0{}:00:00Z", n / 3).parse().unwrap(),
                vip: n % 2 == 0,
            })
            .collect();
        use atlas_db::sea_orm::IntoActiveModel;
        atlas_db::upsert(
            &db,
            visits
                .iter()
                .cloned()
                .map(IntoActiveModel::into_active_model),
        )
        .await
        .unwrap();
        assert_eq!(value(&db, "SELECT count(*) FROM visits").await, "4");
        for order in [
            [(Day, false), (Id, false)],
            [(At, true), (Id, true)],
            [(Vip, false), (Id, false)],
        ] {
            let (mut after, mut seen): (Option<Vec<Value>>, _) = (None, Vec::new());
            loop {
                let rows = seek(visit::Entity::find(), &order, after.as_deref())
                    .unwrap()
                    .limit(1)
                    .all(&db)
                    .await
                    .unwrap();
                let Some(last) = rows.last() else { break };
                let position = order.iter().map(|(column, _)| match column {
                    Id => json!(last.id.to_string()),
                    Day => json!(last.day.to_string()),
                    At => json!(last.at.to_rfc3339()),
                    Vip => json!(last.vip),
                });
                after = Some(position.collect());
                seen.push(last.id);
            }
            seen.sort();
            assert_eq!(
                seen,
                visits.iter().map(|visit| visit.id).collect::<Vec<_>>(),
                "{order:?}"
            );
        }
    }
}

#[test]
fn a_position_that_does_not_fit_is_refused() {
    let order = [(note::Column::Words, false), (note::Column::Id, false)];
    let refused = |after: &[Value]| {
        seek(note::Entity::find(), &order, Some(after))
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[json!("a")]).ends_with("a position of 1 values in an order of 2 columns"));
    assert!(
        refused(&[json!("a"), json!("b")])
            .ends_with("a position that does not fit the column `id`")
    );
}

#[test]
fn a_position_that_does_not_fit_is_the_clients_error() {
    for after in [vec![json!(7)], vec![], vec![json!(7), json!("tea")]] {
        let order = [(note::Column::Words, false)];
        let error = seek(note::Entity::find(), &order, Some(&after)).unwrap_err();
        assert!(error.is_malformed(), "{after:?}");
        let error = atlas_core::Error::from(error);
        assert_eq!(error.kind(), atlas_core::Kind::Malformed);
        assert_eq!(error.code(), "invalid_cursor");
    }
}

on_every_engine! {
    async fn a_search_takes_every_letter_as_it_is(test: TestDb) {
        let db = test.with_notes().await;
        words(
            &db,
            &[
                (1, "100% Tea"),
                (2, "1000 teas"),
                (3, "snake_case"),
                (4, "a\\b"),
                (5, "it's"),
            ],
        )
        .await;
        for (text, found) in [
            ("tea", vec![1, 2]),
            ("TEA", vec![1, 2]),
            ("100%", vec![1]),
            ("e_c", vec![3]),
            ("\\", vec![4]),
            ("'", vec![5]),
            ("", vec![1, 2, 3, 4, 5]),
            ("coffee", vec![]),
        ] {
            let rows = note::Entity::find()
                .filter(contains(note::Column::Words, text))
                .all(&db)
                .await
                .unwrap();
            assert_eq!(
                rows.into_iter().map(|row| row.id).collect::<Vec<_>>(),
                found,
                "{text}"
            );
        }
    }
}
