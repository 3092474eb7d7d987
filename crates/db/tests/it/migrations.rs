//! Migrations forwards, backwards, side by side, and gone wrong.

use std::sync::Arc;

use atlas_db::{
    Db, Migration, MigrationState, Migrations, Schema, migration,
    sea_orm::{
        ConnectionTrait,
        sea_query::{Alias, ColumnDef, Index, Query, Table},
    },
};
use tokio::sync::Barrier;

use crate::migrating::{says, there};
use crate::support::{Place, engines::on_every_engine, golden, value};

/// A migration made of two functions.
struct Step {
    name: &'static str,
    up: fn(&mut Schema),
    down: fn(&mut Schema),
}

impl Migration for Step {
    fn name(&self) -> &'static str {
        self.name
    }

    fn up(&self, schema: &mut Schema) {
        (self.up)(schema);
    }

    fn down(&self, schema: &mut Schema) {
        (self.down)(schema);
    }
}

fn create_teas() -> Arc<dyn Migration> {
    migration(Step {
        name: "m1_create_teas",
        up: |schema| {
            let name = ColumnDef::new("name")
                .string_len(50)
                .not_null()
                .primary_key()
                .take();
            schema.execute(Table::create().table("teas").col(name));
            schema.execute(
                Index::create()
                    .name("teas_by_name")
                    .table("teas")
                    .col("name"),
            );
        },
        down: |schema| schema.drop_table("teas"),
    })
}

fn add_price() -> Arc<dyn Migration> {
    migration(Step {
        name: "m2_add_price",
        up: |schema| {
            schema.add_column(
                "teas",
                ColumnDef::new("price").integer().not_null().default(1),
            );
            schema.execute(
                Query::insert()
                    .into_table("teas")
                    .columns(["name", "price"])
                    .values_panic(["sencha".into(), 3.into()]),
            );
            schema.run(|db| async move {
                assert_eq!(db.in_transaction(), db.engine().undoes_definitions());
                db.execute_unprepared("UPDATE teas SET price = price + 1")
                    .await?;
                Ok(())
            });
        },
        down: |schema| schema.drop_column("teas", "price"),
    })
}

fn failing() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_failing",
        up: |schema| {
            schema.execute(
                Table::create()
                    .table("cups")
                    .col(ColumnDef::new("size").integer()),
            );
            schema.sql("INSERT INTO nowhere VALUES (1)");
        },
        down: |schema| schema.irreversible("cups cannot be unbroken"),
    })
}

fn migrations(db: &Db, known: &[fn() -> Arc<dyn Migration>]) -> Migrations {
    Migrations::new(db.clone(), known.iter().map(|make| make()).collect()).unwrap()
}

async fn states(migrations: &Migrations) -> Vec<(String, MigrationState)> {
    migrations
        .status()
        .await
        .unwrap()
        .into_iter()
        .map(|status| (status.name, status.state))
        .collect()
}

async fn tables(db: &Db) -> String {
    value(db, "SELECT coalesce(group_concat(name), '') FROM (SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1)").await
}

const TABLES: [&str; 2] = ["atlas_migrations", "teas"];

on_every_engine! {
    async fn migrations_go_up_in_the_order_of_their_names_and_down_again(test: TestDb) {
        let db = test.db.clone();
        let all = migrations(&db, &[add_price, create_teas]);
        let (one, two) = ("m1_create_teas".to_owned(), "m2_add_price".to_owned());

        assert_eq!(
            states(&all).await,
            [
                (one.clone(), MigrationState::Pending),
                (two.clone(), MigrationState::Pending)
            ]
        );
        assert_eq!(there(&db, &TABLES).await, 0, "asking changes nothing");
        assert_eq!(all.up().await.unwrap(), [one.clone(), two.clone()]);
        assert_eq!(
            states(&all).await,
            [
                (one.clone(), MigrationState::Applied),
                (two.clone(), MigrationState::Applied)
            ]
        );
        assert!(
            all.status()
                .await
                .unwrap()
                .iter()
                .all(|status| status.applied_at.is_some())
        );
        assert_eq!(value(&db, "SELECT price FROM teas").await, "4");
        assert_eq!(
            all.up().await.unwrap(),
            [] as [String; 0],
            "a second time nothing is left to do"
        );
        all.check().await.unwrap();

        assert_eq!(all.down(1).await.unwrap(), [two]);
        assert_eq!(there(&db, &["teas.name", "teas.price"]).await, 1);
        assert_eq!(all.down(9).await.unwrap(), [one]);
        assert_eq!(there(&db, &TABLES).await, 1, "its own history stays");
    }

    async fn a_schema_older_than_the_code_is_a203(test: TestDb) {
        let db = test.db.clone();
        let one = migrations(&db, &[create_teas]).check().await.unwrap_err();
        says(&db, "A203_one.txt", &one.to_string(), );
        assert_eq!((one.code(), one.exit_code()), ("A203", 65));
        let two = migrations(&db, &[create_teas, add_price])
            .check()
            .await
            .unwrap_err();
        says(&db, "A203_two.txt", &two.to_string(), );
    }

    async fn a_schema_newer_than_the_code_is_a204(test: TestDb) {
        let db = test.db.clone();
        migrations(&db, &[create_teas, add_price])
            .up()
            .await
            .unwrap();
        let older = migrations(&db, &[create_teas]);
        assert_eq!(
            states(&older).await[1],
            ("m2_add_price".into(), MigrationState::Unknown)
        );
        for refused in [
            older.check().await,
            older.up().await.map(drop),
            older.down(1).await.map(drop),
        ] {
            let error = refused.unwrap_err();
            says(&db, "A204_one.txt", &error.to_string(), );
            assert_eq!((error.code(), error.exit_code()), ("A204", 65));
        }
        says(&db, "A204_two.txt",
            &migrations(&db, &[]).check().await.unwrap_err().to_string(),
            );
    }
    async fn what_cannot_be_taken_back_says_so(test: TestDb) {
        let broken_cups = || -> Arc<dyn Migration> {
            migration(Step {
                name: "m3_failing",
                up: |_| {},
                down: |schema| schema.irreversible("cups cannot be unbroken"),
            })
        };
        let all = migrations(&test.db, &[broken_cups]);
        all.up().await.unwrap();
        let error = all.down(1).await.unwrap_err();
        says(&test.db, "A208_irreversible.txt", &error.to_string());
        assert_eq!(states(&all).await[0].1, MigrationState::Applied);
    }

    async fn processes_that_migrate_at_the_same_time_apply_each_migration_once(test: TestDb) {
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let db = test.open(|_| ());
                tokio::spawn(async move {
                    let applied = migrations(&db, &[create_teas, add_price]).up().await.unwrap();
                    db.close().await;
                    applied.len()
                })
            })
            .collect();
        let mut applied = 0;
        for task in tasks {
            applied += task.await.unwrap();
        }
        assert_eq!(applied, 2);
        assert_eq!(value(&test.db, "SELECT count(*) FROM teas").await, "1");
    }

    async fn processes_that_go_back_at_the_same_time_take_each_migration_back_once(test: TestDb) {
        migrations(&test.db, &[create_teas, add_price]).up().await.unwrap();
        let both = Arc::new(Barrier::new(2));
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let (db, both) = (test.open(|_| ()), Arc::clone(&both));
                tokio::spawn(async move {
                    let all = migrations(&db, &[create_teas, add_price]);
                    all.status().await.unwrap();
                    both.wait().await;
                    let taken_back = all.down(2).await.unwrap();
                    db.close().await;
                    taken_back.len()
                })
            })
            .collect();
        let mut taken_back = 0;
        for task in tasks {
            taken_back += task.await.unwrap();
        }
        assert_eq!(taken_back, 2);
        assert_eq!(there(&test.db, &TABLES).await, 1);
    }
}

#[tokio::test]
async fn what_fails_is_undone_and_not_recorded() {
    let place = Place::new();
    let db = place.db();
    let all = migrations(&db, &[create_teas, failing]);
    let error = all.up().await.unwrap_err();
    golden("A208_failed.txt", &error.to_string(), place.0.path());
    assert_eq!(error.exit_code(), 65);
    assert_eq!(
        tables(&db).await,
        "atlas_migrations,teas",
        "the one before it stays, its own table is gone"
    );
    assert_eq!(
        states(&all).await[1],
        ("m3_failing".into(), MigrationState::Pending)
    );
}

#[tokio::test]
async fn what_the_engine_cannot_do_is_an_error_of_the_migration() {
    let place = Place::new();
    let impossible = || -> Arc<dyn Migration> {
        let up = |schema: &mut Schema| {
            let mut two = Table::alter();
            let (a, b) = (Alias::new("a"), Alias::new("b"));
            schema.execute(two.table("teas").drop_column(a).drop_column(b));
        };
        migration(Step {
            name: "m4_impossible",
            up,
            down: |_| {},
        })
    };
    let db = place.db();
    let error = migrations(&db, &[impossible]).up().await.unwrap_err();
    golden("A208_impossible.txt", &error.to_string(), place.0.path());
}

#[tokio::test]
async fn two_migrations_of_one_name_are_refused() {
    let place = Place::new();
    let error = Migrations::new(place.db(), vec![create_teas(), create_teas()])
        .map(drop)
        .unwrap_err();
    golden("A208_twice.txt", &error.to_string(), place.0.path());
    assert!(!place.file().exists());
}
