//! What was applied beside what the code says.

use std::sync::Arc;

use atlas_db::{
    Engine, Migration, MigrationState,
    migration::{Goal, RunOptions, migration},
    sea_orm::{
        ConnectionTrait,
        sea_query::{ColumnDef, Table},
    },
};

use super::{Make, Step, all, cups, number, of, price, says, teas, there, told};
use crate::support::engines::{TestDb, on_every_engine};

/// `m1_create_teas`, edited.
fn edited() -> Arc<dyn Migration> {
    migration(Step {
        name: "m1_create_teas",
        up: |schema| {
            let id = ColumnDef::new("id")
                .big_integer()
                .not_null()
                .primary_key()
                .take();
            let origin = ColumnDef::new("origin").text().take();
            schema.execute(Table::create().table("teas").col(id).col(origin));
        },
        down: |schema| schema.drop_table("teas"),
    })
}

/// A database of an earlier version, with two migrations.
async fn old_table(test: &TestDb) {
    for sql in [
        "CREATE TABLE atlas_migrations (name varchar(255) NOT NULL PRIMARY KEY, \
         applied_at timestamp NOT NULL, duration_ms bigint NOT NULL)",
        "INSERT INTO atlas_migrations VALUES ('m1_create_teas', '2026-01-01 00:00:00', 3)",
        "INSERT INTO atlas_migrations VALUES ('m2_add_price', '2026-01-02 00:00:00', 4)",
        "CREATE TABLE teas (id bigint NOT NULL PRIMARY KEY, price integer NOT NULL DEFAULT 1)",
    ] {
        let sql = match test.engine {
            Engine::Postgres => sql.replace(" timestamp ", " timestamp with time zone "),
            _ => sql.to_owned(),
        };
        test.db.execute_unprepared(&sql).await.unwrap();
    }
}

on_every_engine! {
    async fn an_edited_migration_is_refused_until_somebody_decides(test: TestDb) {
        of(&test.db, &[teas]).up().await.unwrap();
        let migrations = of(&test.db, &[edited, price]);
        assert_eq!(all(&migrations, MigrationState::Changed).await, ["m1_create_teas"]);
        for refused in [migrations.check().await, migrations.up().await.map(drop)] {
            let error = refused.unwrap_err();
            assert_eq!((error.code(), error.exit_code()), ("A211", 65));
            says(&test.db, "A211_changed.txt", &error.to_string());
        }
        assert_eq!(there(&test.db, &["teas.price"]).await, 0, "nothing was applied");

        assert_eq!(migrations.accept_checksums().await.unwrap(), ["m1_create_teas"]);
        assert_eq!(migrations.up().await.unwrap(), ["m2_add_price"]);

        // what may be lost can be taken back and applied as it is by now
        let original = of(&test.db, &[teas, price]);
        assert_eq!(original.check().await.unwrap_err().code(), "A211");
        original.run(&Goal::Redo(2), RunOptions::new()).await.unwrap();
        original.check().await.unwrap();
    }

    async fn an_older_migration_is_applied_only_when_asked_to(test: TestDb) {
        of(&test.db, &[teas, cups]).up().await.unwrap();
        let merged = of(&test.db, &[teas, price, cups]);
        let status = merged.status().await.unwrap();
        assert_eq!(
            status.iter().map(|it| it.out_of_order).collect::<Vec<_>>(),
            [false, true, false]
        );
        for refused in [merged.up().await.map(drop), merged.check().await] {
            let error = refused.unwrap_err();
            assert_eq!((error.code(), error.exit_code()), ("A211", 65));
            says(&test.db, "A211_order.txt", &error.to_string());
        }
        let options = RunOptions::new().allow_out_of_order(true);
        let runs = merged.run(&Goal::Latest, options).await.unwrap();
        assert_eq!(told(runs), ["m2_add_price"]);
        merged.check().await.unwrap();
        // the last one applied is the first one taken back
        assert_eq!(merged.down(1).await.unwrap(), ["m2_add_price"]);
    }

    // where the first query for the records fails, or is not asked, the table is looked at more closely
    async fn what_is_half_done_is_so_in_a_transaction_too(test: TestDb) {
        of(&test.db, &[teas]).up().await.unwrap();
        test.db.execute_unprepared("UPDATE atlas_migrations SET state = 'dirty'").await.unwrap();
        let migrations = of(&test.db, &[teas]);
        let checked = test.db
            .transaction(|| async { Ok::<_, atlas_db::Error>(migrations.check().await) })
            .await
            .unwrap();
        assert_eq!(checked.unwrap_err().code(), "A212");
    }

    async fn the_table_of_an_earlier_version_is_brought_up_to_date(test: TestDb) {
        old_table(test).await;
        // reading changes nothing
        let known: &[Make] = &[teas, price];
        of(&test.db, known).check().await.unwrap();
        assert_eq!(there(&test.db, &["atlas_migrations.checksum"]).await, 0);

        // an upgrade that was cut short has left one of the columns
        test.db
            .execute_unprepared("ALTER TABLE atlas_migrations ADD COLUMN checksum varchar(64)")
            .await
            .unwrap();
        let migrations = of(&test.db, &[teas, price, cups]);
        assert_eq!(migrations.up().await.unwrap(), ["m3_create_cups"]);
        migrations.check().await.unwrap();
        let groups: Vec<_> = migrations.status().await.unwrap().into_iter().map(|it| it.group).collect();
        assert_eq!(groups, [Some(1), Some(2), Some(3)], "a rollback takes back one of the old ones at a time");
        assert_eq!(number(&test.db, "SELECT count(*) FROM atlas_migrations WHERE checksum IS NOT NULL").await, 3);

        // from now on, edits show
        let error = of(&test.db, &[edited, price, cups]).check().await.unwrap_err();
        assert_eq!(error.code(), "A211");
    }

    async fn an_upgrade_of_the_table_is_done_when_it_is_done_to_the_end(test: TestDb) {
        old_table(test).await;
        // what ends the upgrade between its last column and its rows
        let (make, drop) = match test.engine {
            Engine::Sqlite => (
                "CREATE TRIGGER away BEFORE UPDATE ON atlas_migrations BEGIN SELECT RAISE(ABORT, 'away'); END",
                "DROP TRIGGER away",
            ),
            Engine::Postgres => (
                "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'away'; END $$; \
                 CREATE TRIGGER away BEFORE UPDATE ON atlas_migrations EXECUTE FUNCTION away()",
                "DROP TRIGGER away ON atlas_migrations",
            ),
            Engine::MySql | Engine::MariaDb => (
                "CREATE TRIGGER away BEFORE UPDATE ON atlas_migrations FOR EACH ROW \
                 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'away'",
                "DROP TRIGGER away",
            ),
        };
        test.db.execute_unprepared(make).await.unwrap();
        let migrations = of(&test.db, &[teas, price, cups]);
        let error = migrations.up().await.unwrap_err();
        assert!(error.to_string().contains("away"), "{error}");
        test.db.execute_unprepared(drop).await.unwrap();

        assert_eq!(migrations.up().await.unwrap(), ["m3_create_cups"]);
        let groups: Vec<_> = migrations.status().await.unwrap().into_iter().map(|it| it.group).collect();
        assert_eq!(groups, [Some(1), Some(2), Some(3)]);
        assert_eq!(number(&test.db, "SELECT count(*) FROM atlas_migrations WHERE checksum IS NOT NULL").await, 3);
        assert_eq!(migrations.run(&Goal::Rollback, RunOptions::new()).await.unwrap().len(), 1);
    }
}
