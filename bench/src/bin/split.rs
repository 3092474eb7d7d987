//! What it costs a query that there are replicas: who may answer it is found out for every read.
//!
//! ```text
//! cargo run --release -p bench --bin split
//! ```
//!
//! Starts a PostgreSQL primary and a standby of its own, then asks for routes inside the process; nothing is sent to a server
//! meanwhile. Each figure is the median of its rounds, for one read; the program fails when one is above its limit.

use std::{
    hint::black_box,
    io::Write as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use atlas::{
    core::scope,
    db::{Db, DbConfig, Route, sea_orm::ConnectionTrait},
};
use atlas_servers::{Kind, Options, Server};

const ROUNDS: usize = 21;
const READS: u32 = 20_000;
const LIMIT: Duration = Duration::from_micros(2);

const SHORT: &str = r#"SELECT "products"."id", "products"."name" FROM "products" WHERE "products"."id" = $1 LIMIT $2"#;

/// The time of one route: the median of the rounds.
fn measure(db: &Db, sql: &str, expected: &Route) -> anyhow::Result<Duration> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..READS {
            black_box(db.route(black_box(sql)));
        }
        rounds.push(began.elapsed() / READS);
        let route = db.route(sql);
        ensure!(
            route == *expected,
            "the route is {route:?}, not {expected:?}"
        );
    }
    rounds.sort();
    Ok(rounds[ROUNDS / 2])
}

async fn in_rotation(db: &Db) -> anyhow::Result<()> {
    let began = Instant::now();
    while !db.replicas().iter().all(|replica| replica.in_rotation) {
        if began.elapsed() > Duration::from_secs(30) {
            bail!("the standby does not serve: {:?}", db.replicas());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let primary = Server::start_with(Kind::Postgres, Options::new().replicated())?;
    let standby = primary.standby()?;
    let url = primary.url_of("postgres");
    let alone = Db::new(&DbConfig::at(&url))?;
    let db = Db::new(&DbConfig {
        replicas: vec![standby.url_of("postgres")],
        max_lag: Duration::from_secs(3600).into(),
        ..DbConfig::at(&url)
    })?;
    db.ping().await?;
    in_rotation(&db).await?;
    let position = db.position().await?.context("PostgreSQL has positions")?;
    standby.catch_up(&primary).map_err(anyhow::Error::msg)?;
    let (to_primary, to_standby) = (Route::Primary, Route::Replica("replica-1".into()));
    while scope::enter(db.after(position.clone(), async { db.route(SHORT) })).await == to_primary {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let columns: Vec<String> = (0..60)
        .map(|it| format!("\"products\".\"column_{it}\""))
        .collect();
    let long = format!(
        "SELECT {} FROM \"products\" WHERE \"products\".\"id\" = $1",
        columns.join(", ")
    );
    let mut rows = vec![
        ("without replicas", measure(&alone, SHORT, &to_primary)?),
        ("outside of a request", measure(&db, SHORT, &to_standby)?),
    ];
    let in_request = scope::enter(async { measure(&db, SHORT, &to_standby) });
    rows.push(("in a request", in_request.await?));
    let long_one = scope::enter(async { measure(&db, &long, &to_standby) });
    rows.push(("in a request, 1.5 KB of SQL", long_one.await?));
    let session = db.session("ann");
    let in_session = scope::enter(session.run(async { measure(&db, SHORT, &to_standby) }));
    rows.push(("in a named session", in_session.await?));
    let after = db.after(position, async { measure(&db, SHORT, &to_standby) });
    rows.push(("after a position", scope::enter(after).await?));
    standby.pause_replay().map_err(anyhow::Error::msg)?;
    let wrote = scope::enter(async {
        db.execute_unprepared("CREATE TABLE products (id BIGINT)")
            .await?;
        measure(&db, SHORT, &to_primary)
    });
    rows.push(("in a request that wrote", wrote.await?));
    db.close().await;
    alone.close().await;

    let mut out = std::io::stdout().lock();
    let mut within = true;
    for (what, took) in rows {
        within &= took <= LIMIT;
        writeln!(
            out,
            "{what:<30} {:>6} ns   (limit {LIMIT:?})",
            took.as_nanos()
        )?;
    }
    Ok(if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
