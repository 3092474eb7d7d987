//! What every engine has in common, seen through the handle.

use atlas_db::{
    Engine, Error, Migration, Migrations, Schema, migration,
    sea_orm::{
        ActiveModelTrait,
        ActiveValue::Set,
        ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value,
        prelude::Uuid,
        sea_query::{ColumnDef, Table},
    },
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

    async fn the_values_of_an_entity_come_back_as_they_were(test: TestDb) {
        let migrations = Migrations::new(test.db.clone(), vec![migration(CreateVisits)]).unwrap();
        migrations.up().await.unwrap();
        let made = visit::Model {
            id: Uuid::from_u128(0x0192_f0a5_7c1b_7000_8000_0000_0000_0001),
            at: "2026-11-22T10:20:30.123456Z".parse().unwrap(),
            day: "2026-02-28".parse().unwrap(),
            vip: true,
            guests: i64::MAX,
            share: 0.1,
            words: "naïve 😀 it's 100% \\ \"quoted\"".to_owned(),
            detail: serde_json::json!({ "a": [1, null, "x"] }),
            photo: vec![0, 255, 39, 92],
            note: None,
        };
        visit::Entity::insert(visit::ActiveModel::from(made.clone()))
            .exec_without_returning(&test.db)
            .await
            .unwrap();
        let found = visit::Entity::find()
            .filter(visit::Column::At.eq(made.at))
            .filter(visit::Column::Vip.eq(true))
            .filter(visit::Column::Words.eq(made.words.as_str()))
            .one(&test.db)
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&made));
        let by_key = visit::Entity::find_by_id(made.id).one(&test.db).await.unwrap();
        assert_eq!(by_key, Some(made));
    }

    async fn texts_are_equal_when_their_letters_are(test: TestDb) {
        note::create(&test.db).await;
        for (id, words) in [(1, "Tea"), (2, "tea"), (3, "tea "), (4, "téa")] {
            let sql = format!("INSERT INTO notes VALUES ({id}, '{words}')");
            test.db.execute_unprepared(&sql).await.unwrap();
        }
        let found = note::Entity::find()
            .filter(note::Column::Words.eq("tea"))
            .all(&test.db)
            .await
            .unwrap();
        assert_eq!(found.iter().map(|note| note.id).collect::<Vec<_>>(), [2]);
    }

    async fn an_update_that_changes_nothing_found_its_row(test: TestDb) {
        note::create(&test.db).await;
        write(&test.db, 1).await.unwrap();
        let same = note::ActiveModel { id: Set(1), words: Set("note 1".to_owned()) };
        assert_eq!(same.update(&test.db).await.unwrap().id, 1);
    }

    async fn a_failed_statement_spoils_the_transaction_on_postgres_only(test: TestDb) {
        note::create(&test.db).await;
        write(&test.db, 1).await.unwrap();
        let outcome: Result<(), Error> = test
            .db
            .transaction(|| async {
                write(&test.db, 1).await.unwrap_err();
                write(&test.db, 2).await
            })
            .await;
        assert_eq!(outcome.is_err(), test.engine == Engine::Postgres);
        // a savepoint makes it the same everywhere
        test.db
            .transaction(|| async {
                test.db.transaction(|| write(&test.db, 1)).await.unwrap_err();
                write(&test.db, 3).await
            })
            .await
            .unwrap();
        assert!(ids(&test.db).await.ends_with(&[3]));
    }
}

mod visit {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visits")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) at: DateTimeUtc,
        pub(crate) day: Date,
        pub(crate) vip: bool,
        pub(crate) guests: i64,
        pub(crate) share: f64,
        pub(crate) words: String,
        pub(crate) detail: Json,
        pub(crate) photo: Vec<u8>,
        pub(crate) note: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct CreateVisits;

impl Migration for CreateVisits {
    fn name(&self) -> &'static str {
        "m1_create_visits"
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("visits")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                .col(ColumnDef::new("day").date().not_null())
                .col(ColumnDef::new("vip").boolean().not_null())
                .col(ColumnDef::new("guests").big_integer().not_null())
                .col(ColumnDef::new("share").double().not_null())
                .col(ColumnDef::new("words").string_len(100).not_null())
                .col(ColumnDef::new("detail").json().not_null())
                .col(ColumnDef::new("photo").blob().not_null())
                .col(ColumnDef::new("note").text()),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("visits");
    }
}

on_every_engine! {
    async fn the_same_text_may_be_asked_with_numbers_of_other_types(test: TestDb) {
        note::create(&test.db).await;
        let db = test.open(|config| config.max_connections = 1);
        write(&db, 2).await.unwrap();
        let sql = "SELECT words FROM notes WHERE id = ?".to_owned();
        let sql = if test.engine == Engine::Postgres {
            sql.replace('?', "$1")
        } else {
            sql
        };
        for value in [
            Value::from(2_i64),
            2_i32.into(),
            2_i16.into(),
            2.0_f64.into(),
            2_i64.into(),
        ] {
            let statement = Statement::from_sql_and_values(test.engine.backend(), &sql, [value]);
            let row = db.query_one_raw(statement).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "note 2");
        }
    }
}
