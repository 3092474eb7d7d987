//! The program whose processes the cases kill.

use std::{path::Path, time::Duration};

use anyhow::{Result, bail};

const USAGE: &str = "crash-worker work URL EFFECTS FOLDER CRASH_LIMIT | schedule URL EFFECTS FOLDER \
    | serve URL EFFECTS FOLDER | roll URL EFFECTS FOLDER VERSION | order URL EFFECTS FOLDER ORDERS \
    | enqueue URL EFFECTS FOLDER JOBS WAIT_MS";

fn main() -> Result<()> {
    crash::say_warnings();
    // a case may ask for the one thread that a handler can block
    let mut runtime = match std::env::var_os(crash::jobs::ONE_THREAD) {
        Some(_) => tokio::runtime::Builder::new_current_thread(),
        None => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(run())
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["work", url, effects, folder, crash_limit] => {
            crash::jobs::work(url, effects, Path::new(folder), crash_limit.parse()?).await
        }
        ["schedule", url, effects, folder] => {
            crash::jobs::schedule(url, effects, Path::new(folder)).await
        }
        ["serve", url, effects, folder] => {
            crash::jobs::serve(url, effects, Path::new(folder)).await
        }
        ["roll", url, effects, folder, version] => {
            crash::jobs::roll(url, effects, Path::new(folder), version).await
        }
        ["order", url, effects, folder, orders] => {
            let orders = serde_json::from_str(orders)?;
            crash::jobs::order(url, effects, Path::new(folder), orders).await
        }
        ["enqueue", url, effects, folder, jobs, wait] => {
            let (jobs, wait) = (jobs.parse()?, Duration::from_millis(wait.parse()?));
            crash::jobs::enqueue_later(url, effects, Path::new(folder), jobs, wait).await
        }
        _ => bail!("{USAGE}"),
    }
}
