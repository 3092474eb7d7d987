//! The same worker as a service has it: an app that handles its signals.

use std::{env, path::Path, str::FromStr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use atlas_core::{App, ExitStatus, Module};
use atlas_jobs::{JobsConfig, PROCESS, store::Store};

use super::{
    place::{open, store},
    program::config,
    work::handler,
};
use crate::Failing;

/// The variable that says how many jobs a service runs at a time.
pub const PLACES: &str = "CRASH_PLACES";

/// The variable that says how many seconds the running jobs of a service have when it is told to end.
pub const GRACE: &str = "CRASH_GRACE";

/// Works on the jobs of a case as the process `worker` of an app does, until its first signal in good order, and until its
/// second at once.
///
/// # Errors
///
/// When it cannot begin or end.
pub async fn serve(url: &str, effects: &str, folder: &Path) -> Result<()> {
    let db = open(effects)?;
    let handler = handler(db.clone(), folder)?;
    let store: Arc<dyn Store> = Arc::new(Failing(store(url, &db)?));
    let mut config = config();
    if let Some(places) = number(PLACES)? {
        config.concurrency = places;
    }
    if let Some(grace) = number(GRACE)? {
        config.shutdown_grace = Duration::from_secs(grace).into();
    }
    let grace = *config.shutdown_grace;
    let status = app(config, Arc::clone(&store))
        .module(Module::new("cases").contribute(move || handler))
        .stop_timeout_at_least(grace + Duration::from_secs(5))
        .run()
        .await?;
    store.close().await;
    db.close().await;
    match status {
        ExitStatus::SUCCESS => Ok(()),
        other => bail!("the app ended with {}", other.code()),
    }
}

/// An app of nothing but jobs, with this configuration and this store.
fn app(config: JobsConfig, store: Arc<dyn Store>) -> App {
    let of_case = |module: Module| module.replace(move || config).replace(move || store);
    App::new("crash-worker")
        .module(atlas_jobs::module())
        .with(of_case)
        .only(&[PROCESS])
}

fn number<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    variable: &str,
) -> Result<Option<T>> {
    let Some(value) = env::var_os(variable) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let number = value
        .parse()
        .with_context(|| format!("`{variable}={value}`"))?;
    Ok(Some(number))
}
