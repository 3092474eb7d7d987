//! How the database becomes part of a service.

use std::{sync::Arc, time::Duration};

use atlas_config::Profile;
use atlas_core::{BoxError, Diagnostic, HealthCheck, Lifecycle, Module};

use crate::{
    Admin, Db, DbConfig, Migrate, Migration, Migrations, Models, Readiness, Seed, Seeding, Seeds,
    diagnostics,
    metrics::collector,
    migration::{Goal, RunOptions},
};

/// How long migrating and seeding at start may take, if the app gives its start as long: cut off, a migration may be left
/// half-done.
const START_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long to wait for statements in flight at stop.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The module of the database: the section `database`, [`Db`], [`Migrations`], [`Seeds`], [`Models`], [`Admin`], a health check and metrics.
///
/// At start it connects, applies or checks the migrations that modules contributed, and runs the seeds of the profile
/// when it has applied any; at stop it closes the connections.
pub fn module() -> Module {
    Module::new("database")
        .module(atlas_config::section::<DbConfig>())
        .provide(open)
        .provide(Migrations::new)
        .provide(Seeds::new)
        .provide(Models::new)
        .provide(Admin::new)
        .contribute(health)
        .contribute(collector)
}

fn open(
    config: DbConfig,
    profile: Profile,
    migrations: Vec<Arc<dyn Migration>>,
    seeds: Vec<Seed>,
    lifecycle: Lifecycle,
) -> Result<Db, Diagnostic> {
    let db = Db::new(&config)?;
    let migrations = Migrations::new(db.clone(), migrations)?;
    let seeds = Seeds::new(db.clone(), seeds);
    lifecycle.limit(STOP_LIMIT).on_stop({
        let db = db.clone();
        move || async move { db.close().await }
    });
    lifecycle.limit(START_LIMIT).on_start({
        let db = db.clone();
        move || async move {
            let careful = RunOptions::new().refuse_destructive(profile.is_production());
            let migrated = prepare(&db, &migrations, config.migrate, careful).await?;
            match config.seed {
                // the configuration asks for it, in production too
                Seeding::Apply if migrated => {
                    let seeds = seeds.clone().force_production();
                    seeds.run(profile).await.map(drop)
                }
                Seeding::Apply | Seeding::Skip => Ok(()),
            }
        }
    });
    Ok(db)
}

/// Sees to it that the database answers and its schema is what the code expects; says whether that took a migration.
async fn prepare(
    db: &Db,
    migrations: &Migrations,
    migrate: Migrate,
    options: RunOptions,
) -> Result<bool, Diagnostic> {
    db.ping()
        .await
        .map_err(|error| diagnostics::unreachable(db, error))?;
    match migrate {
        Migrate::Apply => Ok(!migrations.run(&Goal::Latest, options).await?.is_empty()),
        Migrate::Check => migrations.check().await.map(|()| false),
    }
}

/// Busy is not ill: while statements come and go, a queue in front of them says nothing about the database, and a service
/// that called itself not ready would hand its load to the next one.
fn health(db: Db, config: DbConfig) -> HealthCheck {
    let check = HealthCheck::new("database", move || {
        let db = db.clone();
        async move {
            if db.0.engine.is_turning() {
                return Ok(());
            }
            db.ping().await.map_err(BoxError::from)
        }
    });
    check.critical(config.readiness == Readiness::Required)
}
