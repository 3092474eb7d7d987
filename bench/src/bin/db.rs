//! What a repository of Atlas costs against plain sqlx on the same database, and what a start pays for migrations that are
//! applied already.
//!
//! ```text
//! cargo xtask bench db
//! ```
//!
//! SQLite lies in a file of its own; PostgreSQL is a server of its own, or that of `ATLAS_TEST_POSTGRES_URL`. Both sides have
//! a pool of the same size and the same settings, and take turns in one run.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

#[path = "../bench/atlas_side.rs"]
mod atlas_side;
#[path = "../bench/median.rs"]
mod median;
#[path = "../bench/migrations.rs"]
mod migrations;
#[path = "../bench/peer_side.rs"]
mod peer_side;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use atlas::db::{Db, DbConfig, Durability, sea_orm::ConnectionTrait};
use atlas_servers::{Kind, shared, skipped};

use self::{atlas_side::Repository, median::median, peer_side::Peer};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(700);
const WARM_UP: Duration = Duration::from_millis(200);
/// Connections of either pool.
const POOL: u32 = 8;
/// Rows that are there when it begins.
const ROWS: i64 = 10_000;
/// Rows of a list.
const LIST: u64 = 100;
/// How many callers ask at the same time.
const CALLERS: [usize; 2] = [1, 8];
const AIM: f64 = 0.9;

/// What is measured.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Read,
    Insert,
    List,
    Update,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Read, Self::Insert, Self::List, Self::Update];

    fn words(self) -> &'static str {
        match self {
            Self::Read => "point read",
            Self::Insert => "insert",
            Self::List => "list of 100",
            Self::Update => "update",
        }
    }
}

/// One of the two that are compared.
trait Side: Clone + Send + Sync + 'static {
    fn read(&self, id: i64) -> impl Future<Output = Result<()>> + Send;
    fn insert(&self, id: i64) -> impl Future<Output = Result<()>> + Send;
    fn list(&self, after: i64) -> impl Future<Output = Result<()>> + Send;
    fn update(&self, id: i64, price: i64) -> impl Future<Output = Result<()>> + Send;
}

/// Numbers that both sides draw: rows to look for, and keys that are new.
struct Numbers {
    next: AtomicI64,
    fresh: AtomicI64,
}

impl Numbers {
    /// A row that is there; neighbours come far apart.
    fn row(&self) -> i64 {
        self.next
            .fetch_add(7919, Ordering::Relaxed)
            .rem_euclid(ROWS)
            + 1
    }

    fn fresh(&self) -> i64 {
        self.fresh.fetch_add(1, Ordering::Relaxed)
    }
}

/// Operations per second of so many callers.
async fn rate(
    side: &impl Side,
    operation: Operation,
    callers: usize,
    numbers: &Arc<Numbers>,
    length: Duration,
) -> Result<f64> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (side, numbers) = (side.clone(), Arc::clone(numbers));
            tokio::spawn(async move {
                let mut done = 0_u32;
                while began.elapsed() < length {
                    match operation {
                        Operation::Read => side.read(numbers.row()).await?,
                        Operation::Insert => side.insert(numbers.fresh()).await?,
                        Operation::List => side.list(numbers.row() - 1).await?,
                        Operation::Update => side.update(numbers.row(), i64::from(done)).await?,
                    }
                    done += 1;
                }
                anyhow::Ok(done)
            })
        })
        .collect();
    let mut done = 0.0;
    for task in tasks {
        done += f64::from(task.await??);
    }
    Ok(done / began.elapsed().as_secs_f64())
}

async fn compare(
    title: &str,
    atlas: &impl Side,
    peer: &impl Side,
    numbers: &Arc<Numbers>,
) -> Result<()> {
    println!("\n### {title}\n");
    println!(
        "| operations per second (median of {ROUNDS} rounds) | callers | Atlas | sqlx | Atlas ÷ sqlx |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    for operation in Operation::ALL {
        for callers in CALLERS {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for round in 0..=ROUNDS {
                let length = if round == 0 { WARM_UP } else { ROUND };
                // who goes first alternates
                let (one, other) = if round % 2 == 0 {
                    let one = rate(atlas, operation, callers, numbers, length).await?;
                    (one, rate(peer, operation, callers, numbers, length).await?)
                } else {
                    let other = rate(peer, operation, callers, numbers, length).await?;
                    (
                        rate(atlas, operation, callers, numbers, length).await?,
                        other,
                    )
                };
                if round > 0 {
                    ours.push(one);
                    theirs.push(other);
                }
            }
            let ratios: Vec<_> = ours
                .iter()
                .zip(&theirs)
                .map(|(one, other)| one / other)
                .collect();
            let ratio = median(&ratios);
            let missed = if ratio < AIM { " (aim 0.90)" } else { "" };
            println!(
                "| {} | {callers} | {:.0} | {:.0} | {ratio:.2}{missed} |",
                operation.words(),
                median(&ours),
                median(&theirs),
            );
        }
    }
    Ok(())
}

/// The rows that both sides find.
async fn fill(db: &Db) -> Result<()> {
    db.execute_unprepared("DROP TABLE IF EXISTS items").await?;
    db.execute_unprepared(
        "CREATE TABLE items (id BIGINT PRIMARY KEY, name VARCHAR(80) NOT NULL, price BIGINT NOT NULL)",
    )
    .await?;
    for first in (1..=ROWS).step_by(500) {
        let rows: Vec<_> = (first..first + 500)
            .map(|id| format!("({id}, 'item {id}', {})", id % 997))
            .collect();
        db.execute_unprepared(&format!("INSERT INTO items VALUES {}", rows.join(", ")))
            .await?;
    }
    Ok(())
}

fn config(url: &str) -> DbConfig {
    DbConfig {
        max_connections: POOL,
        durability: Durability::Relaxed,
        ..DbConfig::at(url)
    }
}

fn numbers() -> Arc<Numbers> {
    Arc::new(Numbers {
        next: AtomicI64::new(0),
        fresh: AtomicI64::new(ROWS + 1),
    })
}

async fn engine<P: Peer>(title: &str, url: &str) -> Result<()> {
    let db = Db::new(&config(url))?;
    fill(&db).await?;
    let peer = P::open(url, POOL).await?;
    compare(title, &Repository::new(db.clone()), &peer, &numbers()).await?;
    peer.close().await;
    db.execute_unprepared("DROP TABLE items").await?;
    db.close().await;
    migrations::measure(title, &config(url)).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bench.sqlite");
    println!("\n## Repository against plain sqlx");
    engine::<peer_side::OnSqlite>("SQLite", &format!("sqlite://{}", file.display())).await?;
    match shared(Kind::Postgres) {
        Ok(server) => {
            let url = server.url_of("postgres");
            engine::<peer_side::OnPostgres>("PostgreSQL", &url).await?;
        }
        Err(absent) => skipped(&absent),
    }
    Ok(())
}
