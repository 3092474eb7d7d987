//! What would run, and what deserves a second look.

use std::sync::Arc;

use atlas_db::{
    Engine, Migration, MigrationState, Migrations,
    migration::{Direction, Goal, Lint, PlannedStep, RunOptions, migration},
    sea_orm::{ConnectionTrait, sea_query::Query},
};

use super::{Make, Step, all, cups, number, of, price, says, teas, there, told};
use crate::support::engines::on_every_engine;

fn drop_price() -> Arc<dyn Migration> {
    migration(Step {
        name: "m5_drop_price",
        up: |schema| schema.drop_column("teas", "price"),
        down: |schema| schema.irreversible("the prices are gone"),
    })
}

fn drop_price_for_good() -> Arc<dyn Migration> {
    migration(Step {
        name: "m5_drop_price",
        up: |schema| {
            schema.allow(Lint::DropColumn);
            schema.drop_column("teas", "price");
        },
        down: |_| {},
    })
}

fn rows() -> Arc<dyn Migration> {
    migration(Step {
        name: "m6_add_rows",
        up: |schema| {
            schema.execute(
                Query::insert()
                    .into_table("teas")
                    .columns(["id"])
                    .values_panic([7.into()]),
            );
            schema.run(|_| async { Ok(()) });
        },
        down: |schema| schema.sql("DELETE FROM teas WHERE id = 7"),
    })
}

on_every_engine! {
    async fn a_plan_shows_every_step_and_runs_none(test: TestDb) {
        of(&test.db, &[teas]).up().await.unwrap();
        let migrations = of(&test.db, &[teas, rows]);
        let plan = migrations.plan(&Goal::Latest).await.unwrap();
        assert_eq!(plan.migrations.len(), 1);
        let planned = &plan.migrations[0];
        assert_eq!((planned.name.as_str(), planned.direction), ("m6_add_rows", Direction::Up));
        assert_eq!(planned.steps.len(), 2);
        assert_eq!(planned.steps[1], PlannedStep::Code);
        let shown = format!("{:?}", planned.steps[0]);
        assert!(shown.contains("INSERT INTO ") && shown.contains("VALUES (7)"), "{shown}");
        // code may define something, which MySQL does not undo
        assert_eq!(planned.transaction, test.engine.undoes_definitions());
        assert!(!plan.new_database && plan.warnings().next().is_none());
        assert_eq!(number(&test.db, "SELECT count(*) FROM teas").await, 0);

        let back = migrations.plan(&Goal::Back(9)).await.unwrap();
        assert_eq!(back.migrations.len(), 1);
        let warnings: Vec<_> = back.destructive().map(|(name, it)| (name, it.lint)).collect();
        assert_eq!(warnings, [("m1_create_teas", Lint::DropTable)]);
    }

    async fn what_destroys_needs_consent(test: TestDb) {
        let careful = RunOptions::new().refuse_destructive(true);
        let known: &[Make] = &[teas, price, drop_price];
        // nothing can be lost in a database to which nothing was applied
        let plan = of(&test.db, known).plan(&Goal::Latest).await.unwrap();
        assert!(plan.new_database && plan.destructive().next().is_none());

        of(&test.db, &[teas, price]).up().await.unwrap();
        let migrations = of(&test.db, known);
        let error = migrations.run(&Goal::Latest, careful).await.unwrap_err();
        assert_eq!((error.code(), error.exit_code()), ("A214", 65));
        says(&test.db, "A214.txt", &error.to_string());
        assert_eq!(there(&test.db, &["teas.price"]).await, 1);
        assert_eq!(migrations.run(&Goal::Back(1), careful).await.unwrap_err().code(), "A214");

        let allowed = of(&test.db, &[teas, price, drop_price_for_good]);
        assert_eq!(told(allowed.run(&Goal::Latest, careful).await.unwrap()), ["m5_drop_price"]);
        assert_eq!(there(&test.db, &["teas.price"]).await, 0);
    }

    async fn consent_is_enough(test: TestDb) {
        of(&test.db, &[teas, price]).up().await.unwrap();
        let migrations = of(&test.db, &[teas, price, drop_price]);
        assert_eq!(migrations.up().await.unwrap(), ["m5_drop_price"]);
        // and what cannot be taken back is found out before anything is
        let error = migrations.run(&Goal::Back(3), RunOptions::new()).await.unwrap_err();
        assert!(error.to_string().contains("the prices are gone"), "{error}");
        migrations.check().await.unwrap();
    }

    async fn a_script_does_what_migrating_does(test: TestDb) {
        let migrations = of(&test.db, &[teas, price, cups]);
        let up = migrations.script(None, Some("add_price"), Direction::Up).unwrap();
        test.db.execute_unprepared(&up).await.unwrap();
        assert_eq!(all(&migrations, MigrationState::Applied).await, ["m1_create_teas", "m2_add_price"]);
        let status = migrations.status().await.unwrap();
        assert_eq!((status[0].group, status[1].group), (Some(1), Some(2)));
        assert_eq!(migrations.up().await.unwrap(), ["m3_create_cups"]);

        let down = migrations.script(Some("add_price"), None, Direction::Down).unwrap();
        test.db.execute_unprepared(&down).await.unwrap();
        assert_eq!(all(&migrations, MigrationState::Applied).await, ["m1_create_teas"]);
        assert_eq!(there(&test.db, &["teas.price", "cups"]).await, 0);
    }
}

#[test]
fn a_script_reads_like_one() {
    let db = atlas_db::Db::new(&atlas_db::DbConfig::at("sqlite::memory:")).unwrap();
    let script = of(&db, &[teas, price, rows])
        .script(None, None, Direction::Up)
        .unwrap();
    says(&db, "migrate_script.sql", &script);
    let error = of(&db, &[drop_price])
        .script(None, None, Direction::Down)
        .unwrap_err();
    assert_eq!(error.code(), "A208");
}

/// Files of SQL, found beside this one.
#[tokio::test]
async fn files_of_sql_are_migrations() {
    for engine in Engine::ALL {
        let Some(test) = crate::support::engines::fresh(engine).await else {
            continue;
        };
        let known = vec![teas(), atlas_db::sql_migration!("m7_add_names"), price()];
        let migrations = Migrations::new(test.db.clone(), known).unwrap();
        let names = ["m1_create_teas", "m2_add_price", "m7_add_names"];
        assert_eq!(migrations.up().await.unwrap(), names);
        assert_eq!(number(&test.db, "SELECT count(*) FROM names").await, 2);
        let trail = "UPDATE names SET name = 'hojicha' WHERE name = 'sencha'";
        test.db.execute_unprepared(trail).await.unwrap();
        let counted = number(&test.db, "SELECT count(*) FROM changes").await;
        assert_eq!(counted, i64::from(engine == Engine::Sqlite));
        assert_eq!(migrations.down(1).await.unwrap(), ["m7_add_names"]);
        assert_eq!(there(&test.db, &["names", "changes"]).await, 0);
        test.remove().await;
    }
}
