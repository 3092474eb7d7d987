//! Atlas and hand-written bare axum, the same bytes, in alternating rounds.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::figures::{self, Figures};
use crate::load;
use crate::process::{self, Server};

const ROUNDS: usize = 7;
const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_millis(500);
const ROUND: Duration = Duration::from_secs(3);
const PRODUCT: &str = "/products/OLJCESPC7Z";

/// A JSON hello.
pub(crate) fn hello() -> Result<()> {
    let folder = tempfile::tempdir()?;
    compare(
        "JSON hello",
        "/hello",
        folder.path(),
        "hello",
        &[("ATLAS_PROFILE", "production")],
        &[],
    )
}

/// A product by id from the same SQLite file.
pub(crate) fn product() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("shop.sqlite").display()
    );
    let environment = [
        ("ATLAS_PROFILE", "production"),
        ("ATLAS_DATABASE__URL", url.as_str()),
        ("ATLAS_DATABASE__MIGRATE", "apply"),
    ];
    prepare(&environment)?;
    compare(
        "product by id, SQLite",
        PRODUCT,
        folder.path(),
        "shop-server",
        &environment,
        &[("DATABASE_URL", url.as_str())],
    )
}

/// Migrates and seeds the file that both servers read.
fn prepare(environment: &[(&str, &str)]) -> Result<()> {
    for arguments in [&["migrate", "up"][..], &["seed"][..]] {
        let status = Command::new(process::binary("shop-server")?)
            .args(arguments)
            .envs(environment.iter().copied())
            .env("ATLAS_PROFILE", "development")
            .current_dir(std::env::temp_dir())
            .status()
            .context("the shop could not be started")?;
        ensure!(
            status.success(),
            "`shop {}` failed: {status}",
            arguments.join(" ")
        );
    }
    Ok(())
}

fn compare(
    title: &str,
    path: &str,
    folder: &Path,
    atlas: &str,
    atlas_environment: &[(&str, &str)],
    peer_environment: &[(&str, &str)],
) -> Result<()> {
    let mut figures = [Figures::default(), Figures::default()];
    for round in 0..ROUNDS {
        // Whoever goes first has no lasting advantage.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for side in order {
            let port = process::free_port()?;
            let text = port.to_string();
            let (program, mut environment) = match side {
                0 => (atlas, atlas_environment.to_vec()),
                _ => ("peer", peer_environment.to_vec()),
            };
            environment.extend([("PORT", text.as_str()), ("ATLAS_HTTP__PORT", text.as_str())]);
            let server = Server::start(program, port, &environment, path, &folder.join("log"))?;
            load::run(server.address, path, CONNECTIONS, WARM_UP)?;
            let before = server.cpu_micros()?;
            let seen = load::run(server.address, path, CONNECTIONS, ROUND)?;
            let cpu = (server.cpu_micros()? - before) as f64 / seen.requests as f64;
            figures[side].add(
                seen.per_second,
                seen.quantile(0.5),
                seen.quantile(0.99),
                cpu,
            );
        }
    }
    figures::print(title, &figures[0], &figures[1]);
    Ok(())
}
