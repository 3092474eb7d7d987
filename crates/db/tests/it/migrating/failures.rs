//! What a migration leaves behind that did not come to its end.

use std::sync::Arc;

use atlas_db::{
    Migration, MigrationState,
    migration::{Goal, RunOptions, Settled, migration},
    sea_orm::ConnectionTrait,
};

use super::{Step, all, create, number, of, pots, says, teas, there, undoes};
use crate::support::engines::on_every_engine;

fn failing() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_failing",
        up: |schema| {
            create(schema, "cups");
            schema.sql("INSERT INTO nowhere VALUES (1)");
        },
        down: |schema| schema.drop_table("cups"),
    })
}

fn corrected() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_failing",
        up: |schema| create(schema, "cups"),
        down: |schema| {
            schema.drop_table("cups");
            schema.sql("DELETE FROM nowhere");
        },
    })
}

/// Without a transaction, on every engine.
fn unprotected() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_failing",
        up: |schema| {
            schema.no_transaction();
            create(schema, "cups");
            schema.run(|db| async move {
                assert!(!db.in_transaction());
                db.execute_unprepared("INSERT INTO cups VALUES (1)").await?;
                Ok(())
            });
            schema.sql("INSERT INTO nowhere VALUES (1)");
        },
        down: |schema| schema.drop_table("cups"),
    })
}

/// Changes rows only.
fn rows() -> Arc<dyn Migration> {
    migration(Step {
        name: "m3_failing",
        up: |schema| {
            schema.sql("INSERT INTO teas VALUES (1); INSERT INTO nowhere VALUES (1)");
        },
        down: |_| {},
    })
}

on_every_engine! {
    async fn what_failed_is_undone_or_marked_as_dirty(test: TestDb) {
        let migrations = of(&test.db, &[teas, failing, pots]);
        let error = migrations.up().await.unwrap_err();
        assert_eq!((error.code(), error.exit_code()), ("A208", 65));
        assert_eq!(all(&migrations, MigrationState::Applied).await, ["m1_create_teas"]);
        assert_eq!(there(&test.db, &["pots"]).await, 0, "nothing runs behind a failure");
        if undoes(&test.db) {
            assert_eq!(all(&migrations, MigrationState::Pending).await, ["m3_failing", "m4_create_pots"]);
            assert_eq!(there(&test.db, &["cups"]).await, 0);
        } else {
            let words = error.to_string();
            assert!(words.contains("failed at step 2 of 2: "), "{words}");
            assert!(words.contains("`migrate fix --dirty m3_failing applied`"), "{words}");
            assert_eq!(all(&migrations, MigrationState::Dirty).await, ["m3_failing"]);
            assert_eq!(there(&test.db, &["cups"]).await, 1);
            for refused in [
                migrations.up().await.map(drop),
                migrations.check().await,
                migrations.down(1).await.map(drop),
            ] {
                assert_eq!(refused.unwrap_err().code(), "A212");
            }
            test.db.execute_unprepared("DROP TABLE cups").await.unwrap();
            assert_eq!(migrations.settle("failing", Settled::Pending).await.unwrap(), "m3_failing");
        }
        let better = of(&test.db, &[teas, corrected, pots]);
        assert_eq!(better.up().await.unwrap(), ["m3_failing", "m4_create_pots"]);
        better.check().await.unwrap();
    }

    async fn a_dirty_database_says_how_it_is_settled(test: TestDb) {
        let migrations = of(&test.db, &[teas, unprotected]);
        let error = migrations.up().await.unwrap_err();
        assert!(error.to_string().contains("failed at step 3 of 3: "), "{error}");
        assert_eq!(number(&test.db, "SELECT count(*) FROM cups").await, 1, "what was done stays");
        let error = migrations.up().await.unwrap_err();
        assert_eq!((error.code(), error.exit_code()), ("A212", 65));
        says(&test.db, "A212.txt", &error.to_string());

        assert_eq!(migrations.settle("m1_create_teas", Settled::Pending).await.unwrap_err().code(), "A208");
        migrations.settle("m3_failing", Settled::Applied).await.unwrap();
        migrations.check().await.unwrap();
        assert_eq!(migrations.settle("m3_failing", Settled::Applied).await.unwrap_err().code(), "A208");
        assert_eq!(migrations.down(1).await.unwrap(), ["m3_failing"]);
    }

    async fn rows_that_were_changed_are_undone_everywhere(test: TestDb) {
        let migrations = of(&test.db, &[teas, rows]);
        assert_eq!(migrations.up().await.unwrap_err().code(), "A208");
        assert_eq!(all(&migrations, MigrationState::Pending).await, ["m3_failing"]);
        assert_eq!(number(&test.db, "SELECT count(*) FROM teas").await, 0);
    }

    async fn what_could_not_be_taken_back_is_applied_still_or_dirty(test: TestDb) {
        let migrations = of(&test.db, &[teas, corrected]);
        migrations.up().await.unwrap();
        let error = migrations.run(&Goal::Back(1), RunOptions::new()).await.unwrap_err();
        assert_eq!(error.code(), "A208");
        if undoes(&test.db) {
            assert_eq!(there(&test.db, &["cups"]).await, 1);
            migrations.check().await.unwrap();
        } else {
            assert!(error.to_string().contains("was not taken back at step 2 of 2: "), "{error}");
            assert_eq!(migrations.check().await.unwrap_err().code(), "A212");
            migrations.settle("m3_failing", Settled::Pending).await.unwrap();
            assert_eq!(all(&migrations, MigrationState::Pending).await, ["m3_failing"]);
        }
    }
}
