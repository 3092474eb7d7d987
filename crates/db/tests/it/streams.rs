//! Results of any size, row by row.

use std::{fs, time::Duration};

use atlas_db::{
    Db, Error, Sql,
    sea_orm::{
        ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
        PaginatorTrait, QueryFilter, QueryOrder, Schema,
    },
    sql,
};
use tokio::time::timeout;

use crate::support::engines::{TestDb, on_every_engine};

mod leaf {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "leaves")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        #[sea_orm(column_type = "String(StringLen::N(300))")]
        pub(crate) words: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A table with at least so many rows of 300 letters, numbered from 0.
async fn leaves(db: &Db, count: i64) -> i64 {
    let schema = Schema::new(db.get_database_backend());
    let table = schema.create_table_from_entity(leaf::Entity);
    db.execute(&table).await.unwrap();
    let first = 500.min(count);
    let rows = (0..first).map(|id| leaf::ActiveModel {
        id: Set(id),
        words: Set("tea ".repeat(75)),
    });
    let insert = leaf::Entity::insert_many(rows);
    insert.exec_without_returning(db).await.unwrap();
    let mut there = first;
    while there < count {
        let double = format!("INSERT INTO leaves SELECT id + {there}, words FROM leaves");
        db.execute_unprepared(&double).await.unwrap();
        there *= 2;
    }
    there
}

/// The memory that this process has, in MiB.
fn memory() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096 / 1024 / 1024
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.unwrap()
}

fn small(test: &TestDb) -> Db {
    test.open(|config| {
        config.max_connections = 2;
        config.acquire_timeout = atlas_config::Duration::from_secs(15);
    })
}

on_every_engine! {
    async fn two_hundred_thousand_rows_need_little_memory(test: TestDb) {
        let db = &test.db;
        let count = leaves(db, 200_000).await;
        assert!(count >= 200_000);
        let mut rows = db.stream(leaf::Entity::find().order_by_asc(leaf::Column::Id));
        let first = rows.next().await.unwrap().unwrap();
        assert_eq!(first.id, 0);
        let before = memory();
        let (mut seen, mut most) = (1, before);
        while let Some(row) = rows.next().await {
            let row = row.unwrap();
            assert_eq!((row.id, row.words.len()), (seen, 300));
            seen += 1;
            if seen % 10_000 == 0 {
                most = most.max(memory());
            }
        }
        assert_eq!(seen, count);
        assert!(most - before < 24, "{} MiB more for {} MiB of rows", most - before, count * 300 / 1024 / 1024);
    }

    async fn a_stream_that_is_dropped_early_leaves_nothing_behind(test: TestDb) {
        leaves(&test.db, 20_000).await;
        let db = small(test);
        for _ in 0..20 {
            let mut rows = db.stream(leaf::Entity::find());
            for _ in 0..3 {
                soon(rows.next()).await.unwrap().unwrap();
            }
        }
        assert_eq!(soon(leaf::Entity::find().count(&db)).await.unwrap() % 500, 0);
        let change = leaf::Entity::update_many().filter(leaf::Column::Id.eq(1_i64));
        let change = change.col_expr(leaf::Column::Words, "coffee".into());
        assert_eq!(soon(change.exec(&db)).await.unwrap().rows_affected, 1);
        soon(db.close()).await;
    }

    async fn a_transaction_streams_what_it_has_written(test: TestDb) {
        leaves(&test.db, 5_000).await;
        let db = small(test);
        let outcome: Result<(), Error> = db
            .transaction(|| async {
                let new = leaf::ActiveModel { id: Set(1_000_000), words: Set("new".into()) };
                leaf::Entity::insert(new).exec_without_returning(&db).await?;
                let mut rows = db.stream(leaf::Entity::find().order_by_desc(leaf::Column::Id));
                let first = soon(rows.next()).await.unwrap()?;
                assert_eq!(first.words, "new");
                drop(rows);
                // the connection is free again, and the transaction goes on
                let found = soon(leaf::Entity::find_by_id(1_000_000).one(&db)).await?;
                assert!(found.is_some());
                // nobody waits for himself: between two rows there is an answer, or an error that says why not
                let mut rows = db.stream(leaf::Entity::find());
                soon(rows.next()).await.unwrap()?;
                match soon(leaf::Entity::find_by_id(3).one(&db)).await {
                    Ok(found) => assert!(found.is_some() && test.engine == atlas_db::Engine::Postgres),
                    Err(error) => assert!(error.to_string().contains("a stream reads on"), "{error}"),
                }
                drop(rows);
                let mut rows = db.stream(leaf::Entity::find());
                let mut seen = 0;
                while let Some(row) = soon(rows.next()).await {
                    row?;
                    seen += 1;
                }
                assert!(seen > 5_000);
                Err(atlas_db::sea_orm::DbErr::Custom("enough".into()).into())
            })
            .await;
        assert_eq!(outcome.unwrap_err().to_string(), "enough");
        let rest = leaf::Entity::find_by_id(1_000_000).one(&test.db).await.unwrap();
        assert_eq!(rest, None, "the stream belonged to the transaction, which was undone");
    }

    async fn several_streams_run_side_by_side(test: TestDb) {
        leaves(&test.db, 2_000).await;
        let read = || {
            let db = test.db.clone();
            tokio::spawn(async move {
                let mut rows = db.stream(leaf::Entity::find());
                let mut sum = 0;
                while let Some(row) = rows.next().await {
                    sum += row.unwrap().id;
                }
                sum
            })
        };
        let readers: Vec<_> = (0..6).map(|_| read()).collect();
        for reader in readers {
            assert_eq!(reader.await.unwrap(), 1_999 * 1_000);
        }
    }

    async fn a_statement_that_fails_says_so_once(test: TestDb) {
        leaves(&test.db, 1).await;
        let nonsense: Sql = sql("SELECT nothing FROM leaves");
        let mut rows = nonsense.stream::<leaf::Model>(&test.db).unwrap();
        assert!(rows.next().await.unwrap().is_err());
        assert!(rows.next().await.is_none());
        // rows that are no such thing
        let mut rows = sql("SELECT id FROM leaves").stream::<leaf::Model>(&test.db).unwrap();
        assert!(rows.next().await.unwrap().is_err());
    }

    async fn any_statement_can_be_streamed(test: TestDb) {
        #[derive(FromQueryResult)]
        struct Length { id: i64, length: i64 }
        leaves(&test.db, 2_000).await;
        let text = "SELECT id, CAST(length(words) AS SIGNED) AS length FROM leaves WHERE id < ? ORDER BY id";
        let text = match test.engine {
            atlas_db::Engine::MySql | atlas_db::Engine::MariaDb => text,
            _ => "SELECT id, CAST(length(words) AS BIGINT) AS length FROM leaves WHERE id < ? ORDER BY id",
        };
        let mut rows = sql(text).bind(1_200_i64).stream::<Length>(&test.db).unwrap();
        let mut next = 0;
        while let Some(row) = rows.next().await {
            let row = row.unwrap();
            assert_eq!((row.id, row.length), (next, 300));
            next += 1;
        }
        assert_eq!(next, 1_200);
    }
}
