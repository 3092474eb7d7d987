//! Rows that keep their own times, authors and version, and that outlive their removal.

use atlas_core::{Actor, Kind, scope};
use atlas_db::{
    Db, Live,
    record::stamp_insert,
    sea_orm::{
        ActiveValue::{NotSet, Set},
        ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
        QueryOrder, Schema,
    },
};

use crate::support::engines::on_every_engine;

mod tea {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "teas")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) name: String,
        pub(crate) version: i32,
        pub(crate) created_at: DateTimeUtc,
        pub(crate) updated_at: DateTimeUtc,
        pub(crate) created_by: Option<String>,
        pub(crate) updated_by: Option<String>,
        pub(crate) deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    atlas_db::record!();
}

/// An entity that keeps nothing but a version, under another name, and has no auto-filled column besides.
mod cup {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cups")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) colour: String,
        pub(crate) revision: i64,
        /// A version of something else: no integer, so it is left alone.
        pub(crate) version: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    atlas_db::record!(
        fn version() -> Option<Column> {
            Some(Column::Revision)
        }
    );
}

async fn tables(db: &Db) {
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(tea::Entity))
        .await
        .unwrap();
    db.execute(&schema.create_table_from_entity(cup::Entity))
        .await
        .unwrap();
}

fn tea(id: i64, name: &str) -> tea::ActiveModel {
    tea::ActiveModel {
        id: Set(id),
        name: Set(name.into()),
        ..Default::default()
    }
}

async fn names(db: &Db) -> Vec<String> {
    let teas = tea::Entity::find().order_by_asc(tea::Column::Id);
    let teas = teas.all(db).await.unwrap();
    teas.into_iter().map(|it| it.name).collect()
}

on_every_engine! {
    async fn a_row_is_given_its_times_authors_and_version(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let made = scope::enter(async {
            Actor::new("user:1").act();
            tea(1, "sencha").insert(db).await.unwrap()
        })
        .await;
        assert_eq!(made.version, 1);
        assert_eq!(made.created_at, made.updated_at);
        assert_eq!(made.created_by.as_deref(), Some("user:1"));
        assert_eq!(made.updated_by.as_deref(), Some("user:1"));

        let mut row = made.clone().into_active_model();
        row.name = Set("gyokuro".into());
        let changed = scope::enter(async {
            Actor::new("user:2").act();
            row.update(db).await.unwrap()
        })
        .await;
        assert_eq!((changed.name.as_str(), changed.version), ("gyokuro", 2));
        assert_eq!(changed.created_at, made.created_at);
        // MySQL rounds to seconds unless the column says otherwise
        assert!(changed.updated_at.timestamp() + 1 >= made.updated_at.timestamp());
        assert_eq!(changed.created_by.as_deref(), Some("user:1"));
        assert_eq!(changed.updated_by.as_deref(), Some("user:2"));

        let read = tea::Entity::find_by_id(1).one(db).await.unwrap().unwrap();
        assert_eq!((read.name.as_str(), read.version), ("gyokuro", 2));
        assert_eq!(read.updated_by, changed.updated_by);

        let mut row = read.into_active_model();
        row.name = Set("bancha".into());
        let nobody = row.update(db).await.unwrap();
        assert_eq!(nobody.updated_by, None, "nobody has said on whose behalf");
    }

    async fn what_is_set_by_hand_stays(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let then = "2020-02-29T12:00:00Z".parse().unwrap();
        let row = tea::ActiveModel {
            created_at: Set(then),
            created_by: Set(Some("import".into())),
            version: Set(7),
            ..tea(1, "sencha")
        };
        let made = row.insert(db).await.unwrap();
        assert_eq!((made.created_at, made.version), (then, 7));
        assert_eq!(made.created_by.as_deref(), Some("import"));
        assert!(made.updated_at > then);
    }

    async fn many_rows_are_stamped_for_one_statement(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let rows = (1..=3).map(|id| stamp_insert(tea(id, "sencha")));
        tea::Entity::insert_many(rows).exec_without_returning(db).await.unwrap();
        let teas = tea::Entity::find().all(db).await.unwrap();
        assert_eq!(teas.len(), 3);
        assert!(teas.iter().all(|it| it.version == 1));
    }

    async fn the_second_of_two_writers_is_told(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let read = tea(1, "sencha").insert(db).await.unwrap();
        let mut first = read.clone().into_active_model();
        first.name = Set("gyokuro".into());
        first.update(db).await.unwrap();

        let mut second = read.clone().into_active_model();
        second.name = Set("bancha".into());
        let refused = second.update(db).await.unwrap_err();
        assert!(refused.is_stale() && !refused.is_missing());
        let refused = atlas_core::Error::from(refused);
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "stale"));
        assert!(read.delete(db).await.unwrap_err().is_stale());
        assert_eq!(names(db).await, ["gyokuro"]);

        let missing = tea::ActiveModel { version: Set(1), ..tea(2, "oolong") };
        assert!(missing.update(db).await.unwrap_err().is_missing());
    }

    async fn of_many_writers_at_once_one_wins_each_round(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let mut read = tea(1, "sencha").insert(db).await.unwrap();
        for round in 2..7 {
            let writers: Vec<_> = (0..8)
                .map(|writer| {
                    let (db, mut row) = (db.clone(), read.clone().into_active_model());
                    row.name = Set(format!("tea {writer}"));
                    tokio::spawn(async move { row.update(&db).await })
                })
                .collect();
            let mut won = Vec::new();
            for writer in writers {
                match writer.await.unwrap() {
                    Ok(model) => won.push(model),
                    Err(error) => assert!(error.is_stale(), "{error}"),
                }
            }
            assert_eq!(won.len(), 1);
            read = won.remove(0);
            assert_eq!(read.version, round);
            let stored = tea::Entity::find_by_id(1).one(db).await.unwrap().unwrap();
            assert_eq!((stored.name, stored.version), (read.name.clone(), round));
        }
    }

    async fn a_change_without_a_version_wins_and_moves_it_on(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let read = tea(1, "sencha").insert(db).await.unwrap();
        let blind = tea::ActiveModel { version: NotSet, ..tea(1, "bancha") };
        let changed = blind.update(db).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.version), ("bancha", 2));
        assert_eq!(changed.created_at.timestamp(), read.created_at.timestamp());
        assert!(read.into_active_model().update(db).await.unwrap_err().is_stale());
    }

    async fn a_deleted_row_is_out_of_sight_until_it_is_restored(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        for (id, name) in [(1, "sencha"), (2, "oolong"), (3, "bancha")] {
            tea(id, name).insert(db).await.unwrap();
        }
        let deleted = tea::Entity::delete_by_id(2).exec(db).await.unwrap();
        assert_eq!(deleted.rows_affected, 1);
        assert_eq!(tea::Entity::delete_by_id(2).exec(db).await.unwrap().rows_affected, 0);
        assert_eq!(names(db).await, ["sencha", "bancha"]);
        assert_eq!(tea::Entity::find_by_id(2).one(db).await.unwrap(), None);
        assert_eq!(tea::Entity::find().count(db).await.unwrap(), 2);
        let ours = <tea::Entity as EntityTrait>::find().filter(tea::Column::Id.eq(2_i64));
        assert_eq!(ours.live().one(db).await.unwrap(), None);
        assert!(tea(2, "new").update(db).await.unwrap_err().is_missing(), "a deleted row is not changed");

        let kept = tea::Entity::find_deleted().all(db).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert!(kept[0].deleted_at.is_some());
        assert_eq!(kept[0].version, 2, "those who have read it notice");
        assert_eq!(tea::Entity::find_with_deleted().count(db).await.unwrap(), 3);

        assert!(kept[0].clone().restore(db).await.unwrap());
        assert_eq!(names(db).await, ["sencha", "oolong", "bancha"]);
        assert_eq!(tea::Entity::restore_by_id(2).exec(db).await.unwrap().rows_affected, 0);

        let sencha = tea::Entity::find_by_id(1).one(db).await.unwrap().unwrap();
        sencha.delete(db).await.unwrap();
        let others = tea::Entity::delete_many().filter(tea::Column::Name.ne("oolong"));
        assert_eq!(others.exec(db).await.unwrap().rows_affected, 1);
        assert_eq!(names(db).await, ["oolong"]);
        let gone = tea::Entity::purge_many().filter(tea::Column::DeletedAt.is_not_null());
        assert_eq!(gone.exec(db).await.unwrap().rows_affected, 2);
        let oolong = tea::Entity::find_by_id(2).one(db).await.unwrap().unwrap();
        assert!(oolong.purge(db).await.unwrap());
        assert_eq!(tea::Entity::find_with_deleted().count(db).await.unwrap(), 0);
    }

    async fn columns_may_have_other_names_or_be_absent(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let row = cup::ActiveModel {
            colour: Set("blue".into()),
            version: Set("2.0-beta".into()),
            ..Default::default()
        };
        let made = row.insert(db).await.unwrap();
        assert_eq!((made.revision, made.version.as_str()), (1, "2.0-beta"));
        let mut row = made.clone().into_active_model();
        row.colour = Set("red".into());
        let saved = row.save(db).await.unwrap();
        assert_eq!(saved.revision.unwrap(), 2);
        assert!(made.delete(db).await.unwrap_err().is_stale());
        assert_eq!(cup::Entity::find_deleted().count(db).await.unwrap(), 0);
        assert_eq!(cup::Entity::delete_many().exec(db).await.unwrap().rows_affected, 1);
        assert_eq!(cup::Entity::find_with_deleted().count(db).await.unwrap(), 0);
    }

    async fn records_join_the_transaction_around_them(test: TestDb) {
        let db = &test.db;
        tables(db).await;
        let read = tea(1, "sencha").insert(db).await.unwrap();
        let outcome: atlas_db::Result<()> = db
            .transaction(|| async {
                let mut row = read.clone().into_active_model();
                row.name = Set("gyokuro".into());
                row.update(db).await?;
                let mut late = read.clone().into_active_model();
                late.name = Set("bancha".into());
                late.update(db).await?;
                Ok(())
            })
            .await;
        assert!(outcome.unwrap_err().is_stale());
        assert_eq!(names(db).await, ["sencha"]);
    }
}
