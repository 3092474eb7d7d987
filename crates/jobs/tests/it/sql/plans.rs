//! What workers ask all the time is a short walk along an index.

use std::time::Duration;

use atlas_db::{
    Db, Engine,
    sea_orm::{ConnectionTrait, Statement},
};
use atlas_jobs::{
    State,
    sql::SqlStore,
    store::{End, Store},
};

use super::{LONG, claim_of, end, engines::fresh, job, take};

/// Does what workers do, and gives the statements of it that read or change jobs.
async fn statements(store: &SqlStore) -> Vec<String> {
    let queries = store.db().record_queries();
    let claim = claim_of(&["a", "b"], 10);
    let taken = store.claim(&claim).await.unwrap().jobs;
    assert_eq!(taken.len(), 10);
    let leases: Vec<_> = taken.iter().map(|it| end(it, End::Done).lease).collect();
    store.renew(&leases, LONG).await.unwrap();
    store.control(&leases).await.unwrap();
    store.rescue(3, 10).await.unwrap();
    let ends: Vec<_> = taken.iter().map(|it| end(it, End::Done)).collect();
    store.finish(&ends).await.unwrap();
    store
        .prune(State::Completed, Duration::from_secs(3600), 10)
        .await
        .unwrap();
    let texts = queries.texts();
    let about_jobs = texts.into_iter().filter(|text| text.contains("atlas_jobs"));
    about_jobs.collect()
}

async fn plan(db: &Db, column: usize, explain: &str) -> String {
    let backend = db.get_database_backend();
    let explain = Statement::from_string(backend, explain);
    let rows = db.query_all_raw(explain).await.unwrap();
    let lines = rows
        .iter()
        .map(|row| row.try_get_by_index::<String>(column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

async fn filled(engine: Engine) -> Option<super::engines::TestStore> {
    let test = fresh(engine).await?;
    for _ in 0..8 {
        test.store
            .enqueue((0..500).map(|_| job("a")).collect())
            .await
            .unwrap();
        let taken = take(&test.store, "a", 400).await.jobs;
        let ends: Vec<_> = taken.iter().map(|it| end(it, End::Done)).collect();
        test.store.finish(&ends).await.unwrap();
    }
    test.db.execute_unprepared("ANALYZE").await.unwrap();
    Some(test)
}

#[tokio::test]
async fn sqlite_reads_no_table_from_end_to_end() {
    let test = filled(Engine::Sqlite).await.unwrap();
    for text in statements(&test.store).await {
        let plan = plan(&test.db, 3, &format!("EXPLAIN QUERY PLAN {text}")).await;
        let scans = |line: &str| line.contains("SCAN atlas_jobs") && !line.contains("INDEX");
        assert!(!plan.lines().any(scans), "{text}\n{plan}");
        assert!(plan.contains("INDEX"), "{text}\n{plan}");
    }
    test.remove().await;
}

#[tokio::test]
async fn postgresql_takes_from_a_backlog_that_no_statistics_know_of_without_reading_it() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let off = "ALTER TABLE atlas_jobs SET (autovacuum_enabled = off)";
    test.db.execute_unprepared(off).await.unwrap();
    for _ in 0..4 {
        let jobs = (0..2_500).map(|_| job("a")).collect();
        test.store.enqueue(jobs).await.unwrap();
    }
    for look in [
        "SELECT atlas_jobs_next('default', ARRAY['a'], 10)",
        "SELECT * FROM atlas_jobs_look('default', ARRAY['a'])",
    ] {
        let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {look}");
        let store = test.another(|config| config.max_connections = 1);
        // the first call reads catalogues too
        plan(store.db(), 0, &explain).await;
        let plan = plan(store.db(), 0, &explain).await;
        let line = plan.lines().find(|line| line.contains("Buffers:"));
        let counts = line
            .unwrap()
            .split(['=', ' '])
            .filter_map(|it| it.parse::<u64>().ok());
        let read: u64 = counts.sum();
        assert!(read < 100, "it reads {read} pages for ten jobs:\n{plan}");
        store.db().close().await;
    }
    test.remove().await;
}

#[tokio::test]
async fn postgresql_reads_no_table_from_end_to_end() {
    let Some(test) = filled(Engine::Postgres).await else {
        return;
    };
    // one connection, which knows what was prepared on it
    let store = test.another(|config| config.max_connections = 1);
    statements(&store).await;
    let db = store.db();
    let sql = |text: &str| Statement::from_string(db.get_database_backend(), text);
    db.execute_unprepared("SET plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    let prepared = "SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements \
                    WHERE statement LIKE '%atlas\\_jobs%'";
    let prepared = db.query_all_raw(sql(prepared)).await.unwrap();
    assert!(prepared.len() > 5);
    for row in prepared {
        let name: String = row.try_get_by_index(0).unwrap();
        let text: String = row.try_get_by_index(1).unwrap();
        let values = vec!["NULL"; row.try_get_by_index::<i32>(2).unwrap() as usize];
        let values = match values.is_empty() {
            true => String::new(),
            false => format!("({})", values.join(", ")),
        };
        if text.contains("pg_prepared_statements") {
            continue;
        }
        let plan = plan(db, 0, &format!("EXPLAIN EXECUTE {name}{values}")).await;
        assert!(!plan.contains("Seq Scan on atlas_jobs"), "{text}\n{plan}");
    }
    db.close().await;
    test.remove().await;
}
