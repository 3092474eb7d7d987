//! How long until the first answer, and what an idle service holds.

use std::time::Duration;

use anyhow::Result;

use crate::median::median;
use crate::process::{self, Server};

const ROUNDS: usize = 15;

/// The shop on a migrated SQLite file.
pub(crate) fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("shop.sqlite").display()
    );
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let port = process::free_port()?;
        let text = port.to_string();
        let environment = [
            ("ATLAS_PROFILE", "production"),
            ("ATLAS_DATABASE__URL", url.as_str()),
            ("ATLAS_DATABASE__MIGRATE", "apply"),
            ("ATLAS_HTTP__PORT", text.as_str()),
        ];
        let server = Server::start(
            "shop-server",
            port,
            &environment,
            "/readyz",
            &folder.path().join("log"),
        )?;
        std::thread::sleep(Duration::from_secs(1));
        // The first round creates the file and its tables.
        if round > 0 {
            ready.push(server.ready_after.as_secs_f64() * 1_000.0);
            resident.push(server.resident_kilobytes()? as f64 / 1_024.0);
        }
    }
    println!("\n### Start and rest of the shop (median of {ROUNDS} starts)\n");
    println!("| figure | value |\n| --- | ---: |");
    println!("| from start to ready | {:.1} ms |", median(&ready));
    println!(
        "| resident memory after one idle second | {:.1} MB |",
        median(&resident)
    );
    Ok(())
}
