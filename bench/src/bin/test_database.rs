//! What a test pays for a database of its own: to get one from a template that is there, and to drop it.
//!
//! `cargo run --release -p bench --bin test_database [ROUNDS]`
#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use atlas::db::sea_orm::ConnectionTrait;
use atlas::db::{Engine, Migration, Schema};
use atlas_test::TestDatabase;

/// Ten tables with an index and some rows each, which is what a small service has.
struct Tables;

impl Migration for Tables {
    fn name(&self) -> &'static str {
        "m20261122_000001_tables"
    }

    fn up(&self, schema: &mut Schema) {
        for table in 0..10 {
            schema.sql(format!(
                "CREATE TABLE t{table} (id BIGINT PRIMARY KEY, name VARCHAR(100) NOT NULL, amount BIGINT NOT NULL)"
            ));
            schema.sql(format!("CREATE INDEX t{table}_name ON t{table} (name)"));
            for row in 0..20 {
                schema.sql(format!(
                    "INSERT INTO t{table} VALUES ({row}, 'row {row}', {row})"
                ));
            }
        }
    }

    fn down(&self, schema: &mut Schema) {
        schema.irreversible("nobody goes back in a benchmark");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let rounds = std::env::args()
        .nth(1)
        .map_or(Ok(50), |text| text.parse())?;
    println!("| engine | first, with its template | database | first statement | drop | a test |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for engine in Engine::ALL {
        let began = Instant::now();
        let first = match fresh(engine).await {
            Ok(first) => first,
            Err(absent) => {
                println!("| {engine} | {absent} | | | | |");
                continue;
            }
        };
        first.remove().await;
        let whole_first = began.elapsed();
        let mut steps = [const { Vec::<Duration>::new() }; 4];
        for _ in 0..rounds {
            let began = Instant::now();
            let test = fresh(engine).await?;
            let made = began.elapsed();
            test.db().execute_unprepared("SELECT id FROM t1").await?;
            let asked = began.elapsed();
            test.remove().await;
            let removed = began.elapsed();
            let taken = [made, asked - made, removed - asked, removed];
            for (step, taken) in steps.iter_mut().zip(taken) {
                step.push(taken);
            }
        }
        let [made, asked, removed, whole] = steps.map(median);
        println!(
            "| {engine} | {whole_first:.0?} | {made:.1?} | {asked:.1?} | {removed:.1?} | {whole:.1?} |"
        );
    }
    Ok(())
}

async fn fresh(engine: Engine) -> Result<TestDatabase, atlas_test::servers::Absent> {
    let migrations: Vec<Arc<dyn Migration>> = vec![Arc::new(Tables)];
    TestDatabase::fresh(engine, migrations).await
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}
