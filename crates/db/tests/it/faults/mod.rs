//! What goes wrong below a service, with real servers: killed, silent, full, and too few connections.

mod black_hole;
mod disk;
mod killed;
mod load;
mod nested;
pub(crate) mod proxy;
mod terminated;

use crate::metrics::Scrape;

/// How many connections are lent out, of all pools.
fn used(scrape: &Scrape) -> u32 {
    scrape
        .read()
        .lines()
        .filter(|line| line.starts_with("db_client_connection_count"))
        .filter(|line| line.contains("state=\"used\""))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u32>().ok())
        .sum()
}

/// Waits until every connection is back.
async fn all_back(scrape: &Scrape) {
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(15);
    while used(scrape) > 0 {
        assert!(
            tokio::time::Instant::now() < patience,
            "a place in the pool is lost\n{}",
            scrape.read()
        );
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
