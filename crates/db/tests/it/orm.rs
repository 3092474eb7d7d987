//! SeaORM's queries on the handle, and what their errors become.

use atlas_core::Kind;
use atlas_db::{
    Error,
    sea_orm::{
        ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
        IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    },
};

use crate::support::{engines::on_every_engine, ids, note, write};

on_every_engine! {
    async fn entities_are_written_and_read_through_the_handle(test: TestDb) {
        let db = test.with_notes().await;
        let made = note::ActiveModel {
            id: Set(1),
            words: Set("tea".into()),
        }
        .insert(&db)
        .await
        .unwrap();
        assert_eq!(
            made,
            note::Model {
                id: 1,
                words: "tea".into()
            }
        );
        let mut changed = made.into_active_model();
        changed.words = Set("coffee".into());
        assert_eq!(changed.update(&db).await.unwrap().words, "coffee");
        let found = note::Entity::find()
            .filter(note::Column::Words.contains("off"))
            .all(&db)
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            note::Entity::delete_by_id(1)
                .exec(&db)
                .await
                .unwrap()
                .rows_affected,
            1
        );
        assert_eq!(note::Entity::find_by_id(1).one(&db).await.unwrap(), None);
    }

    async fn pages_are_counted_and_read(test: TestDb) {
        let db = test.with_notes().await;
        for id in 0..25 {
            write(&db, id).await.unwrap();
        }
        let pages = note::Entity::find()
            .order_by_asc(note::Column::Id)
            .paginate(&db, 10);
        assert_eq!(pages.num_items().await.unwrap(), 25);
        let last: Vec<_> = pages
            .fetch_page(2)
            .await
            .unwrap()
            .into_iter()
            .map(|note| note.id)
            .collect();
        assert_eq!(last, [20, 21, 22, 23, 24]);
    }

    async fn errors_say_what_a_use_case_can_act_on(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();

        let duplicate = write(&db, 1).await.unwrap_err();
        assert!(duplicate.is_duplicate());
        assert_eq!(
            atlas_core::Error::from(duplicate).kind(),
            Kind::AlreadyExists
        );

        let dangling = db
            .execute_unprepared("INSERT INTO replies VALUES (99)")
            .await
            .map_err(Error::from)
            .unwrap_err();
        assert!(dangling.is_reference());
        assert_eq!(atlas_core::Error::from(dangling).kind(), Kind::Conflict);

        let missing = note::ActiveModel {
            id: Set(9),
            words: Set("x".into()),
        }
        .update(&db)
        .await
        .map_err(Error::from);
        let missing = missing.unwrap_err();
        assert!(missing.is_missing());
        assert_eq!(atlas_core::Error::from(missing).kind(), Kind::NotFound);

        let nonsense = db
            .execute_unprepared("SELEKT")
            .await
            .map_err(Error::from)
            .unwrap_err();
        assert!(!nonsense.is_transient());
        let internal = atlas_core::Error::from(nonsense);
        assert_eq!(internal.kind(), Kind::Internal);
        assert!(
            !internal.message().contains("SELEKT"),
            "callers learn nothing of the statement"
        );
        assert_eq!(ids(&db).await, [1]);
    }

    async fn a_domain_error_passes_through_a_transaction(test: TestDb) {
        let db = test.with_notes().await;
        let outcome: atlas_core::Result<()> = db
            .transaction(|| async {
                write(&db, 1).await?;
                Err(atlas_core::Error::conflict(
                    "sold_out",
                    "the tea is sold out",
                ))
            })
            .await;
        assert_eq!(outcome.unwrap_err().code(), "sold_out");
        assert_eq!(ids(&db).await, [] as [i64; 0]);
    }
}

#[tokio::test]
async fn the_error_of_the_orm_comes_back_whole() {
    let error = Error::from(DbErr::RecordNotFound("tea".into()));
    assert_eq!(DbErr::from(error), DbErr::RecordNotFound("tea".into()));
}
