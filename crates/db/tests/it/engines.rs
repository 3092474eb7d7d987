//! What every engine has in common, seen through the handle.

use atlas_db::{
    Engine, Error,
    sea_orm::{ConnectionTrait, EntityTrait},
};

use crate::support::{engines::on_every_engine, ids, note, write};

on_every_engine! {
    async fn a_handle_knows_where_it_stands(test: TestDb) {
        test.db.ping().await.unwrap();
        assert_eq!(test.db.engine(), test.engine);
        assert_eq!(test.db.system(), test.engine.system());
        assert_eq!(test.db.get_database_backend(), test.engine.backend());
        assert!(!test.db.place().contains('@'), "{}", test.db.place());
    }

    async fn what_a_transaction_did_is_kept_or_undone(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let outcome: Result<(), Error> = db
            .transaction(|| async {
                write(db, 1).await?;
                let nested: Result<(), Error> = db
                    .transaction(|| async {
                        write(db, 2).await?;
                        write(db, 2).await
                    })
                    .await;
                assert!(nested.unwrap_err().is_duplicate());
                write(db, 3).await
            })
            .await;
        outcome.unwrap();
        assert_eq!(ids(db).await, [1, 3]);
        assert_eq!(note::Entity::find_by_id(3).one(db).await.unwrap().unwrap().words, "note 3");
    }

    async fn databases_of_one_server_are_apart(test: TestDb) {
        note::create(&test.db).await;
        let other = test.open(|config| config.max_connections = 1);
        write(&other, 1).await.unwrap();
        assert_eq!(ids(&test.db).await, [1], "two handles of one database");
        if test.engine != Engine::Sqlite {
            let elsewhere = test.open(|config| config.url = test.admin().to_owned());
            assert!(write(&elsewhere, 2).await.is_err(), "another database has no such table");
        }
    }

    async fn a_character_that_an_engine_does_not_have_is_the_callers_error(test: TestDb) {
        note::create(&test.db).await;
        let model = note::Model { id: 1, words: "before\0behind".to_owned() };
        let added = note::Entity::insert(note::ActiveModel::from(model.clone()));
        match added.exec_without_returning(&test.db).await.map_err(Error::from) {
            Err(error) => {
                assert_eq!(test.engine, Engine::Postgres);
                assert!(error.is_unstorable(), "{error}");
                let error = atlas_core::Error::from(error);
                assert_eq!((error.kind(), error.code()), (atlas_core::Kind::Invalid, "value_not_storable"));
            }
            Ok(_) => {
                assert_ne!(test.engine, Engine::Postgres);
                let found = note::Entity::find_by_id(1).one(&test.db).await.unwrap();
                assert_eq!(found, Some(model));
            }
        }
    }
}
