//! The section `database`.

use std::{fmt, time};

use atlas_config::{Duration, Problems, Profile, Section};
use atlas_core::Component;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    diagnostics::redacted, driver::Bounds, meters::Thresholds, pool::Limits, split::Rules,
};

/// A connection at rest for longer is asked for a sign of life before it is used.
const PING_AFTER: time::Duration = time::Duration::from_secs(30);

/// Which database a service uses, and within which bounds.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct DbConfig {
    /// Where the database is: `sqlite://<path>`, relative to the working directory; a missing file and its folder are
    /// created, unless the URL ends with `?mode=rw` (must exist) or `?mode=ro` (read only). `sqlite::memory:` keeps
    /// everything in memory.
    pub url: String,
    /// The URLs of replicas of that database, one for each server. They answer reads; everything else is for `url`.
    pub replicas: Vec<String>,
    /// Within this time a replica that does not answer is asked no more, and one that is back is asked again.
    pub replica_check_interval: Duration,
    /// A replica that may be further behind is asked no more until it has caught up.
    pub max_lag: Duration,
    /// What to do at start when migrations are pending: apply them, or refuse to start (`check`).
    pub migrate: Migrate,
    /// What to do with the profile's seeds when a start has applied migrations, as it does on a new database: write
    /// their rows (`apply`), or leave the tables alone (`skip`).
    pub seed: Seeding,
    /// What a commit waits for: `full` until it is on disk, so that what was answered survives a power cut; `relaxed`
    /// no longer, so that a power cut may take the latest commits; `none` promises nothing when the machine stops.
    pub durability: Durability,
    /// The most connections open at once. SQLite has one more that writes; these read.
    #[schemars(range(min = 1, max = 1000))]
    pub max_connections: u32,
    /// How long a caller waits for a connection when all are in use.
    pub acquire_timeout: Duration,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// A connection unused for longer is closed.
    pub idle_timeout: Duration,
    /// A connection older than this is replaced once it is not in use.
    pub max_lifetime: Duration,
    /// How long a statement waits for a lock that another process or transaction holds.
    pub lock_timeout: Duration,
    /// How long a statement may run on a server; `0s` for as long as it takes. Migrations are not bound by it, and neither
    /// is SQLite.
    pub statement_timeout: Duration,
    /// How many prepared statements each connection keeps; `0` behind a pooler that cannot have them.
    #[schemars(range(max = 10000))]
    pub statement_cache: u32,
    /// How long a start or `migrate` waits for another process that is migrating the same database.
    pub migration_lock_timeout: Duration,
    /// Statements that take longer are logged as warnings, without their parameters; each at most once a second.
    pub slow_statement: Duration,
    /// A statement that one request (or other unit of work) runs more often is logged as a warning, with the line of code
    /// that ran it; 0 for never.
    pub repeat_warning: u32,
    /// What a database that does not answer means for the service: not ready (`required`), or ready without it
    /// (`optional`).
    pub readiness: Readiness,
}

/// What a service does at start about migrations that are pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Migrate {
    /// Applies them before anything else starts.
    Apply,
    /// Refuses to start, so that migrating is a step of its own in a deployment.
    Check,
}

/// What a service does about the seeds of its profile when its start has applied migrations.
///
/// A start that finds the schema as it should be leaves the rows alone too, so that what was changed in development
/// outlives a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Seeding {
    /// Runs them behind the migrations, before anything else starts.
    Apply,
    /// Leaves them to the command `seed`.
    Skip,
}

/// What is left of a commit after the machine stopped. A crash of the process alone never takes one back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Every commit that was reported. Each waits for the disk.
    Full,
    /// All but the latest ones.
    Relaxed,
    /// Perhaps nothing: for databases that can be made anew.
    None,
}

/// What a database that does not answer means for the readiness of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// The service is not ready: a load balancer sends its requests elsewhere. Right where every instance has a database of
    /// its own, or another instance may reach what this one cannot.
    Required,
    /// The check is shown, and the service is ready: it answers what it can without the database. Right for a database that
    /// all instances share, whose failure would otherwise take all of them out at once.
    Optional,
}

impl Component for DbConfig {}

impl Section for DbConfig {
    const NAME: &'static str = "database";

    fn defaults(profile: Profile) -> Option<Self> {
        Some(Self {
            url: format!("sqlite://data/{}.sqlite", profile.name()),
            replicas: Vec::new(),
            replica_check_interval: Duration::from_secs(1),
            max_lag: Duration::from_secs(10),
            migrate: if profile.is_production() {
                Migrate::Check
            } else {
                Migrate::Apply
            },
            seed: if profile.is_production() {
                Seeding::Skip
            } else {
                Seeding::Apply
            },
            durability: match profile {
                Profile::Development => Durability::Relaxed,
                Profile::Test => Durability::None,
                Profile::Production => Durability::Full,
            },
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(10 * 60),
            max_lifetime: Duration::from_secs(30 * 60),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
            statement_cache: 100,
            migration_lock_timeout: Duration::from_secs(30),
            slow_statement: Duration::from_millis(500),
            repeat_warning: if profile == Profile::Development {
                10
            } else {
                0
            },
            readiness: Readiness::Required,
        })
    }

    fn check(&self, problems: &mut Problems) {
        for (key, value) in [
            ("acquire_timeout", self.acquire_timeout),
            ("connect_timeout", self.connect_timeout),
        ] {
            if value.is_zero() {
                problems.add(
                    key,
                    "must be more than nothing, or no connection could ever be had",
                    "for example `5s`",
                );
            }
        }
        if *self.replica_check_interval < time::Duration::from_millis(10) {
            problems.add(
                "replica_check_interval",
                "must be at least 10 milliseconds, or the servers had nothing else to do",
                "for example `1s`",
            );
        }
        if *self.max_lag <= *self.replica_check_interval {
            problems.add(
                "max_lag",
                "must be more than `replica_check_interval`, or no replica could ever be used: how far one lags is known \
                 no better than that",
                "for example `10s`",
            );
        }
        if *self.lock_timeout > time::Duration::from_secs(24 * 60 * 60) {
            problems.add("lock_timeout", "must be at most a day", "for example `5s`");
        }
    }
}

impl DbConfig {
    /// The defaults of a profile with another URL, for code that needs a database and no configuration files.
    pub fn at(url: impl Into<String>) -> Self {
        let defaults = Self::defaults(Profile::Test).expect("there are defaults for every profile");
        Self {
            url: url.into(),
            ..defaults
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            check_interval: self.replica_check_interval.get(),
            max_lag: self.max_lag.get(),
        }
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        Thresholds {
            slow: self.slow_statement.get(),
            repeats: self.repeat_warning,
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            limits: Limits {
                connections: self.max_connections.max(1),
                acquire_timeout: self.acquire_timeout.get(),
                connect_timeout: self.connect_timeout.get(),
                idle_timeout: Some(self.idle_timeout.get()),
                max_lifetime: Some(self.max_lifetime.get()),
                statement_timeout: Some(self.statement_timeout.get()).filter(|it| !it.is_zero()),
                ping_after: Some(PING_AFTER),
                recover_timeout: Some(self.connect_timeout.get()),
            },
            lock_timeout: self.lock_timeout.get(),
            durability: self.durability,
            statement_cache: self.statement_cache as usize,
        }
    }
}

impl fmt::Debug for DbConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbConfig")
            .field("url", &redacted(&self.url))
            .field(
                "replicas",
                &self
                    .replicas
                    .iter()
                    .map(|url| redacted(url))
                    .collect::<Vec<_>>(),
            )
            .field("migrate", &self.migrate)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
