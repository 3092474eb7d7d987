//! The database of an app under test.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use atlas::config::{Profile, Settings};
use atlas::core::{App, BoxError};
use atlas::db::{DbConfig, Engine, Migrate, Migration, Seed, Seeding};
use atlas_servers::Absent;

use super::choice::engine_for;
use super::fresh::{Trouble, fresh};
use super::hold::Hold;
use super::recipe::Recipe;

/// What a test wants of its database.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// The app's name.
    pub(crate) name: &'static str,
    pub(crate) engine: Option<Engine>,
    /// Whether the test has changed parts of the app, which may have a say in what seeds write.
    pub(crate) altered: bool,
    /// Where its file goes.
    pub(crate) folder: PathBuf,
}

/// What became of it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Slot(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    hold: Option<Hold>,
    absent: Option<Absent>,
}

impl Slot {
    pub(crate) fn take_hold(&self) -> Option<Hold> {
        self.lock().hold.take()
    }

    pub(crate) fn take_absent(&self) -> Option<Absent> {
        self.lock().absent.take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the app a database of its own, if it has one at all.
pub(crate) fn with_database(app: App, wish: Wish, slot: Slot) -> App {
    if !app.provides::<DbConfig>() {
        return app;
    }
    let decorated = move |config: DbConfig,
                          settings: Settings,
                          profile: Profile,
                          migrations: Vec<Arc<dyn Migration>>,
                          seeds: Vec<Seed>| async move {
        // a URL that the test has put in place itself stands
        let configured = settings.section::<DbConfig>()?;
        if configured.url != config.url {
            return Ok(config);
        }
        // replicas would show other databases than this one
        let config = DbConfig {
            replicas: Vec::new(),
            ..config
        };
        let recipe = recipe_of(&wish, &config, profile, migrations, seeds);
        match prepared(&wish, recipe).await {
            Ok((url, hold)) => {
                slot.lock().hold = Some(hold);
                Ok(DbConfig { url, ..config })
            }
            Err(trouble) => {
                let words = trouble.to_string();
                if let Trouble::Absent(absent) = trouble {
                    slot.lock().absent = Some(absent);
                }
                Err(BoxError::from(words))
            }
        }
    };
    app.with(|module| module.decorate(decorated))
}

async fn prepared(wish: &Wish, recipe: Recipe) -> Result<(String, Hold), Trouble> {
    let engine = engine_for(wish.engine, &recipe.config.url).map_err(Trouble::Other)?;
    let fresh = fresh(engine, &recipe, &wish.folder).await?;
    Ok((fresh.url, fresh.hold))
}

/// What the app would do itself when it starts on an empty database; it does nothing more then.
fn recipe_of(
    wish: &Wish,
    config: &DbConfig,
    profile: Profile,
    mut migrations: Vec<Arc<dyn Migration>>,
    mut seeds: Vec<Seed>,
) -> Recipe {
    seeds.retain(|seed| seed.profiles().contains(&profile));
    match (config.migrate, config.seed) {
        (Migrate::Check, _) => {
            migrations.clear();
            seeds.clear();
        }
        (Migrate::Apply, Seeding::Skip) => seeds.clear(),
        (Migrate::Apply, Seeding::Apply) if migrations.is_empty() => seeds.clear(),
        (Migrate::Apply, Seeding::Apply) => {}
    }
    let (seeds, own_seeds) = match wish.altered {
        true => (Vec::new(), seeds),
        false => (seeds, Vec::new()),
    };
    Recipe {
        name: wish.name,
        profile,
        config: config.clone(),
        migrations,
        seeds,
        own_seeds,
    }
}
