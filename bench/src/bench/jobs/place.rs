//! Stores by their URLs, with the settings of production.

use std::sync::Arc;

use anyhow::Result;
use atlas_config::{Profile, Section as _};
use atlas_db::{Db, DbConfig, Durability, Migrations};
use atlas_jobs::{
    JobsConfig, RedisStore,
    sql::{SqlStore, tables},
    store::Store,
};
use atlas_redis::{Redis, RedisConfig};

/// The store of a URL, ready to be used.
pub(crate) async fn store(url: &str) -> Result<Arc<dyn Store>> {
    if url.starts_with("redis") {
        let redis = Redis::new(&RedisConfig::at(url))?;
        return Ok(Arc::new(RedisStore::new(redis)));
    }
    let db = Db::new(&DbConfig {
        durability: Durability::Full,
        ..DbConfig::at(url)
    })?;
    Migrations::new(db.clone(), vec![tables()])?.up().await?;
    Ok(Arc::new(SqlStore::new(db)))
}

/// What a service in production has.
pub(crate) fn config() -> Result<JobsConfig> {
    let config = JobsConfig::defaults(Profile::Production);
    config.ok_or_else(|| anyhow::anyhow!("there are defaults"))
}
