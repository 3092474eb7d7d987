//! Tables of SQLite that are made anew.

use std::sync::Arc;

use atlas_db::{
    Db, Engine, Migration, MigrationState,
    migration::{Goal, migration},
    sea_orm::{
        ConnectionTrait,
        sea_query::{ColumnDef, Table},
    },
};

use super::{Step, all, number, of, teas};
use crate::support::engines::fresh;

/// `teas` with a name that must not be null, which SQLite cannot add.
fn rebuilt() -> Arc<dyn Migration> {
    migration(Step {
        name: "m2_rebuild_teas",
        up: |schema| {
            let id = ColumnDef::new("id")
                .big_integer()
                .not_null()
                .primary_key()
                .take();
            let name = ColumnDef::new("name").text().not_null().default("?").take();
            schema.rebuild_table(Table::create().table("teas").col(id).col(name), ["id"]);
        },
        down: |schema| schema.drop_column("teas", "name"),
    })
}

fn careless() -> Arc<dyn Migration> {
    migration(Step {
        name: "m2_rebuild_teas",
        up: |schema| {
            schema.without_foreign_keys();
            schema.sql("DELETE FROM teas WHERE id = 1");
        },
        down: |_| {},
    })
}

async fn with_cups(db: &Db) {
    of(db, &[teas]).up().await.unwrap();
    db.execute_unprepared(
        "CREATE TABLE cups (tea bigint NOT NULL REFERENCES teas (id) ON DELETE CASCADE); \
         INSERT INTO teas VALUES (1), (2); INSERT INTO cups VALUES (1)",
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_table_is_made_anew_while_others_refer_to_it() {
    let test = fresh(Engine::Sqlite).await.unwrap();
    with_cups(&test.db).await;
    let migrations = of(&test.db, &[teas, rebuilt]);
    let plan = migrations.plan(&Goal::Latest).await.unwrap();
    assert!(
        plan.migrations[0].without_foreign_keys && plan.warnings().next().is_none(),
        "{plan:?}"
    );
    migrations.up().await.unwrap();
    assert_eq!(
        number(&test.db, "SELECT count(*) FROM teas WHERE name = '?'").await,
        2
    );
    assert_eq!(
        number(&test.db, "SELECT count(*) FROM cups").await,
        1,
        "nothing was cascaded"
    );
    let orphan = test
        .db
        .execute_unprepared("INSERT INTO cups VALUES (9)")
        .await;
    assert!(orphan.is_err(), "and the reference holds");
    test.remove().await;
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_undoes_the_migration() {
    for in_memory in [false, true] {
        let test = fresh(Engine::Sqlite).await.unwrap();
        let memory = Db::new(&atlas_db::DbConfig::at("sqlite::memory:")).unwrap();
        let db = if in_memory { &memory } else { &test.db };
        with_cups(db).await;
        let migrations = of(db, &[teas, careless]);
        let error = migrations.up().await.unwrap_err();
        let words = "a row of `cups` refers to one of `teas` that is not there";
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(
            all(&migrations, MigrationState::Pending).await,
            ["m2_rebuild_teas"]
        );
        assert_eq!(number(db, "SELECT count(*) FROM teas").await, 2);
        let orphan = db.execute_unprepared("INSERT INTO cups VALUES (9)").await;
        assert!(orphan.is_err(), "foreign keys are enforced again");
        test.remove().await;
    }
}

#[tokio::test]
async fn other_engines_alter_a_table_in_place() {
    for engine in [Engine::Postgres, Engine::MariaDb, Engine::MySql] {
        let Some(test) = fresh(engine).await else {
            continue;
        };
        of(&test.db, &[teas]).up().await.unwrap();
        let error = of(&test.db, &[teas, rebuilt]).up().await.unwrap_err();
        assert!(
            error.to_string().contains("`rebuild_table` is for SQLite"),
            "{error}"
        );
        test.remove().await;
    }
}
