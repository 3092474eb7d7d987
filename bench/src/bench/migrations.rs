//! What a start pays for a schema that is up to date.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use atlas::db::{Db, DbConfig, Migration, Migrations, Schema, migration};

use crate::median::median;

const MIGRATIONS: usize = 50;
const STARTS: usize = 21;
const AIM_MS: f64 = 20.0;

/// One of many migrations, of one table each.
struct Numbered {
    name: &'static str,
    table: String,
}

impl Migration for Numbered {
    fn name(&self) -> &'static str {
        self.name
    }

    fn up(&self, schema: &mut Schema) {
        schema.sql(format!(
            "CREATE TABLE {} (id BIGINT PRIMARY KEY, name VARCHAR(80) NOT NULL)",
            self.table
        ));
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table(self.table.clone());
    }
}

fn all() -> Vec<Arc<dyn Migration>> {
    (0..MIGRATIONS)
        .map(|number| {
            // names live as long as the program, as those of files do
            let name = format!("m20260101_{number:06}_bench_{number}").leak();
            let table = format!("bench_{number}");
            migration(Numbered { name, table })
        })
        .collect()
}

/// Applies them, and then starts over and over.
pub(crate) async fn measure(title: &str, config: &DbConfig) -> Result<()> {
    let db = Db::new(config)?;
    let migrations = Migrations::new(db.clone(), all())?;
    migrations.up().await?;
    db.close().await;
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let db = Db::new(config)?;
        let known = all();
        let began = Instant::now();
        let applied = Migrations::new(db.clone(), known)?.up().await?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(applied.is_empty(), "they were applied before");
        db.close().await;
    }
    let db = Db::new(config)?;
    Migrations::new(db.clone(), all())?.down(MIGRATIONS).await?;
    db.close().await;
    println!(
        "\n| {title}: start with {MIGRATIONS} migrations that are applied (median of {STARTS}) | aim |"
    );
    println!("| ---: | ---: |");
    println!("| {:.1} ms | {AIM_MS} ms |", median(&took));
    Ok(())
}
