//! Migrations forwards, backwards, side by side, and gone wrong.

use std::sync::{Arc, Barrier};

use atlas_db::{
    Db, Migration, MigrationState, Migrations, Schema, migration,
    sea_orm::{
        ConnectionTrait,
        sea_query::{Alias, ColumnDef, Index, Query, Table},
    },
};

use crate::support::{Place, golden, value};

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
                assert!(db.in_transaction());
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

#[tokio::test]
async fn migrations_go_up_in_the_order_of_their_names_and_down_again() {
    let place = Place::new();
    let db = place.db();
    let all = migrations(&db, &[add_price, create_teas]);
    let (one, two) = ("m1_create_teas".to_owned(), "m2_add_price".to_owned());

    assert_eq!(
        states(&all).await,
        [
            (one.clone(), MigrationState::Pending),
            (two.clone(), MigrationState::Pending)
        ]
    );
    assert_eq!(tables(&db).await, "", "asking changes nothing");
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
    assert_eq!(
        value(
            &db,
            "SELECT group_concat(name) FROM pragma_table_info('teas')"
        )
        .await,
        "name"
    );
    assert_eq!(all.down(9).await.unwrap(), [one]);
    assert_eq!(tables(&db).await, "atlas_migrations");
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
async fn what_cannot_be_taken_back_says_so() {
    let place = Place::new();
    let db = place.db();
    let broken_cups = || -> Arc<dyn Migration> {
        migration(Step {
            name: "m3_failing",
            up: |_| {},
            down: |schema| schema.irreversible("cups cannot be unbroken"),
        })
    };
    let all = migrations(&db, &[broken_cups]);
    all.up().await.unwrap();
    golden(
        "A208_irreversible.txt",
        &all.down(1).await.unwrap_err().to_string(),
        place.0.path(),
    );
    assert_eq!(states(&all).await[0].1, MigrationState::Applied);
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

#[tokio::test]
async fn a_schema_older_than_the_code_is_a203() {
    let place = Place::new();
    let db = place.db();
    let one = migrations(&db, &[create_teas]).check().await.unwrap_err();
    golden("A203_one.txt", &one.to_string(), place.0.path());
    assert_eq!((one.code(), one.exit_code()), ("A203", 65));
    let two = migrations(&db, &[create_teas, add_price])
        .check()
        .await
        .unwrap_err();
    golden("A203_two.txt", &two.to_string(), place.0.path());
}

#[tokio::test]
async fn a_schema_newer_than_the_code_is_a204() {
    let place = Place::new();
    let db = place.db();
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
        golden("A204_one.txt", &error.to_string(), place.0.path());
        assert_eq!((error.code(), error.exit_code()), ("A204", 65));
    }
    golden(
        "A204_two.txt",
        &migrations(&db, &[]).check().await.unwrap_err().to_string(),
        place.0.path(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_migrate_at_the_same_time_apply_each_migration_once() {
    let place = Place::new();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let all = migrations(&place.db(), &[create_teas, add_price]);
            tokio::spawn(async move { all.up().await.unwrap().len() })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += task.await.unwrap();
    }
    assert_eq!(applied, 2);
    assert_eq!(value(&place.db(), "SELECT count(*) FROM teas").await, "1");
}

#[tokio::test]
async fn processes_that_go_back_at_the_same_time_take_each_migration_back_once() {
    let place = Place::new();
    migrations(&place.db(), &[create_teas, add_price])
        .up()
        .await
        .unwrap();
    let both = Barrier::new(2);
    let process = || {
        let all = migrations(&place.db(), &[create_teas, add_price]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            all.status().await.unwrap();
            both.wait();
            all.down(2).await.unwrap()
        })
    };
    let (one, other) = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(process), scope.spawn(process));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!(one.len() + other.len(), 2, "{one:?} {other:?}");
    assert_eq!(tables(&place.db()).await, "atlas_migrations");
}
