//! Where each command leads.

use std::sync::Arc;

use atlas_db::{
    Migration, MigrationState, Schema,
    migration::{Goal, RunOptions, migration},
};

use super::{all, cups, of, pots, price, teas, there, told};
use crate::support::engines::on_every_engine;

on_every_engine! {
    async fn one_run_is_a_group_and_rollback_takes_the_last_one_back(test: TestDb) {
        let options = RunOptions::new();
        let first = of(&test.db, &[teas, price]);
        assert_eq!(first.up().await.unwrap(), ["m1_create_teas", "m2_add_price"]);
        let second = of(&test.db, &[pots, cups, price, teas]);
        assert_eq!(second.up().await.unwrap(), ["m3_create_cups", "m4_create_pots"]);
        assert_eq!(second.up().await.unwrap(), [] as [String; 0]);
        let groups: Vec<_> = second.status().await.unwrap().into_iter().map(|it| it.group).collect();
        assert_eq!(groups, [Some(1), Some(1), Some(2), Some(2)]);

        let back = second.run(&Goal::Rollback, options).await.unwrap();
        assert_eq!(told(back), ["-m4_create_pots", "-m3_create_cups"]);
        assert_eq!(there(&test.db, &["teas.price", "cups", "pots"]).await, 1);
        let back = second.run(&Goal::Rollback, options).await.unwrap();
        assert_eq!(told(back), ["-m2_add_price", "-m1_create_teas"]);
        assert_eq!(there(&test.db, &["teas"]).await, 0);
        assert_eq!(told(second.run(&Goal::Rollback, options).await.unwrap()), [] as [String; 0]);
    }

    async fn a_goal_is_reached_from_both_sides(test: TestDb) {
        let options = RunOptions::new();
        let migrations = of(&test.db, &[teas, price, cups, pots]);
        let run = async |goal| told(migrations.run(&goal, options).await.unwrap());
        assert_eq!(run(Goal::UpTo("add_price".into())).await, ["m1_create_teas", "m2_add_price"]);
        assert_eq!(run(Goal::UpTo("m1_create_teas".into())).await, [] as [String; 0]);
        assert_eq!(run(Goal::At("m4_create_pots".into())).await, ["m3_create_cups", "m4_create_pots"]);
        assert_eq!(
            run(Goal::At("add_price".into())).await,
            ["-m4_create_pots", "-m3_create_cups"]
        );
        assert_eq!(there(&test.db, &["teas.price", "cups"]).await, 1);
        assert_eq!(run(Goal::BackTo("create_teas".into())).await, ["-m2_add_price"]);
        assert_eq!(there(&test.db, &["teas", "teas.price"]).await, 1);
        assert_eq!(run(Goal::Latest).await.len(), 3);
        assert_eq!(run(Goal::Back(3)).await, ["-m4_create_pots", "-m3_create_cups", "-m2_add_price"]);
        assert_eq!(all(&migrations, MigrationState::Pending).await.len(), 3);

        for unknown in ["m9", "", "create"] {
            let error = migrations.run(&Goal::At(unknown.into()), options).await.unwrap_err();
            assert_eq!(error.code(), "A208", "{error}");
        }
    }

    async fn redo_takes_back_and_applies_again(test: TestDb) {
        let migrations = of(&test.db, &[teas, price, cups]);
        migrations.up().await.unwrap();
        let again = migrations.run(&Goal::Redo(2), RunOptions::new()).await.unwrap();
        assert_eq!(
            told(again),
            ["-m3_create_cups", "-m2_add_price", "m2_add_price", "m3_create_cups"]
        );
        assert_eq!(there(&test.db, &["teas.price", "cups"]).await, 2);
        migrations.check().await.unwrap();
    }
}

/// `z1_library`, which stands alone.
fn library() -> Arc<dyn Migration> {
    struct Library;
    impl Migration for Library {
        fn name(&self) -> &'static str {
            "z1_library"
        }

        fn up(&self, schema: &mut Schema) {
            super::create(schema, "books");
        }

        fn down(&self, schema: &mut Schema) {
            schema.drop_table("books");
        }

        fn standalone(&self) -> bool {
            true
        }
    }
    migration(Library)
}

on_every_engine! {
    async fn what_stands_alone_is_never_out_of_order_and_goes_last(test: TestDb) {
        let options = RunOptions::new();
        of(&test.db, &[teas, library]).up().await.unwrap();
        // it sorts behind all others, and yet they come as they come
        let migrations = of(&test.db, &[teas, price, cups, library]);
        assert!(migrations.status().await.unwrap().iter().all(|it| !it.out_of_order));
        let run = async |goal| told(migrations.run(&goal, options).await.unwrap());
        assert_eq!(run(Goal::Latest).await, ["m2_add_price", "m3_create_cups"]);
        assert_eq!(run(Goal::Rollback).await, ["-m3_create_cups", "-m2_add_price"]);
        assert_eq!(run(Goal::Rollback).await, ["-m1_create_teas"]);
        assert_eq!(run(Goal::Rollback).await, ["-z1_library"]);
        assert_eq!(run(Goal::UpTo("create_teas".into())).await, ["m1_create_teas", "z1_library"]);
        assert_eq!(run(Goal::Redo(1)).await, ["-m1_create_teas", "m1_create_teas"]);
        assert_eq!(run(Goal::At("create_teas".into())).await, [] as [String; 0]);
        assert_eq!(run(Goal::Back(2)).await, ["-m1_create_teas", "-z1_library"]);

        // added to a service that has a history already
        of(&test.db, &[teas, price]).up().await.unwrap();
        assert_eq!(told(migrations.run(&Goal::Latest, options).await.unwrap()), ["m3_create_cups", "z1_library"]);
    }
}
