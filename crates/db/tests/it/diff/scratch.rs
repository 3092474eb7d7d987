//! The databases that a comparison makes for itself.

use atlas_db::{DbConfig, Engine, migration, sea_orm::ConnectionTrait, sea_orm::Statement};

use super::{entities, history::Opening, models};
use crate::support::engines::{fresh, on_every_engine};

on_every_engine! {
    async fn nothing_is_left_behind(test: TestDb) {
        let models = models(&DbConfig::at(&test.url), vec![migration(Opening)], entities::all());
        models.diff().await.unwrap();
        let sql = match test.engine {
            Engine::Sqlite => return,
            Engine::Postgres => "SELECT datname::text AS name FROM pg_database",
            _ => "SELECT CAST(schema_name AS CHAR) AS name FROM information_schema.schemata",
        };
        let statement = Statement::from_string(test.db.get_database_backend(), sql);
        let rows = test.db.query_all_raw(statement).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        let ours = format!("{}_atlas_diff_", test.name());
        assert!(!names.iter().any(|name| name.starts_with(&ours)), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_make_databases_is_told_so() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let role = format!("{}_poor", test.name());
    let admin = test.admin().to_owned();
    let admin = atlas_db::Db::new(&DbConfig::at(&admin)).unwrap();
    admin
        .execute_unprepared(&format!("CREATE ROLE {role} LOGIN NOCREATEDB"))
        .await
        .unwrap();
    let (_, place) = test.url.split_once("://").unwrap();
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    let config = DbConfig::at(format!("postgres://{role}@{host}"));
    let refused = models(&config, vec![migration(Opening)], entities::all())
        .diff()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "A215");
    assert_eq!(refused.exit_code(), 69);
    let words = refused.to_string();
    assert!(
        words.contains("could not be made") && words.contains("CREATEDB"),
        "{words}"
    );
    admin
        .execute_unprepared(&format!("DROP ROLE {role}"))
        .await
        .unwrap();
    admin.close().await;
    test.remove().await;
}
