//! The section `jobs`.

use std::{collections::BTreeMap, time};

use atlas_config::{ByteSize, Duration, Problems, Profile, Section};
use atlas_core::Component;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DEFAULT_QUEUE, name};

/// The greatest weight of a queue.
const HEAVIEST: u32 = 1000;

/// Where jobs are kept, and how workers work on them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JobsConfig {
    /// Where jobs are kept: in the service's `database`, in `redis`, or in the `memory` of this process, which forgets them
    /// when it ends. `auto` is the database when the service has one, and memory otherwise.
    pub store: StoreKind,
    /// Whether `serve` runs jobs too; otherwise only `worker` does. `serve --with-workers` says so for once.
    pub embedded: bool,
    /// The most jobs that a process runs at a time.
    #[schemars(range(min = 1, max = 10000))]
    pub concurrency: u32,
    /// The queues that a worker takes jobs from, each with its weight: `critical = 4` beside `default = 1` gets four jobs
    /// for each one of the other while both have some; one of weight 0 is left alone.
    pub queues: BTreeMap<String, u32>,
    /// The most jobs that a process takes ahead of a free place, so that the next is there when one is done. It takes only
    /// those that will have a place within 10 ms and the time that a claim takes, going by how fast jobs have ended lately: none,
    /// if they take long.
    #[schemars(range(max = 10000))]
    pub prefetch: u32,
    /// How often an idle worker asks for jobs when the store cannot wake it, and how late it may learn of one otherwise.
    pub poll_interval: Duration,
    /// How often a worker tells the store that it is alive.
    pub heartbeat: Duration,
    /// How long a job stays with a worker that is not heard of; then another one gets it. At least two `heartbeat`s.
    pub lease: Duration,
    /// How many times a job may take its worker down with it; then it is dead.
    #[schemars(range(min = 1, max = 1000))]
    pub crash_limit: u32,
    /// The largest payload; a larger one is refused when it is enqueued.
    pub max_payload: ByteSize,
    /// How often a job is attempted that says nothing itself.
    #[schemars(range(min = 1, max = 1000))]
    pub max_attempts: u32,
    /// How long an attempt may take of a job that says nothing itself; `0s` for as long as it takes.
    pub timeout: Duration,
    /// How long a handler has to end by itself after its cancellation token has fired; then it is ended.
    pub cancel_grace: Duration,
    /// How long running jobs may go on when the worker stops; then their tokens fire, and they are handed back.
    pub shutdown_grace: Duration,
    /// How much longer a job has to wait to be as urgent as one that is one level more urgent.
    pub ageing: Duration,
    /// How long completed jobs are kept.
    pub keep_completed: Duration,
    /// How long cancelled jobs are kept.
    pub keep_cancelled: Duration,
    /// How long dead jobs are kept, with every error.
    pub keep_dead: Duration,
    /// What a store that does not answer means for the service: not ready (`required`), or ready without it (`optional`).
    pub readiness: Readiness,
    /// Whether jobs that are enqueued in a database transaction go through a table of that database, when they are kept
    /// elsewhere: then they are there if and only if it commits.
    pub outbox: bool,
}

/// Where jobs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// In the database, if the service has one; otherwise in memory.
    Auto,
    /// In the memory of this process: for tests, and for work that may be lost.
    Memory,
    /// In the service's database: jobs are part of its transactions.
    Database,
    /// In the service's Redis.
    Redis,
}

impl StoreKind {
    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Memory => "memory",
            Self::Database => "database",
            Self::Redis => "redis",
        }
    }
}

/// What a store that does not answer means for the readiness of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// The service is not ready: a load balancer sends its requests elsewhere.
    Required,
    /// The check is shown, and the service is ready: it answers what it can without enqueueing. Right for a store that all
    /// instances share, whose failure would otherwise take all of them out at once.
    Optional,
}

impl Component for JobsConfig {}

impl Section for JobsConfig {
    const NAME: &'static str = "jobs";

    fn defaults(profile: Profile) -> Option<Self> {
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        Some(Self {
            store: StoreKind::Auto,
            embedded: profile == Profile::Development,
            concurrency: 16,
            queues: BTreeMap::from([(DEFAULT_QUEUE.to_owned(), 1)]),
            prefetch: 128,
            poll_interval: Duration::from_secs(1),
            heartbeat: Duration::from_secs(10),
            lease: Duration::from_secs(30),
            crash_limit: 3,
            max_payload: ByteSize::from_mib(1),
            max_attempts: 20,
            timeout: Duration::from_secs(0),
            cancel_grace: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(20),
            ageing: Duration::from_secs(30),
            keep_completed: days(1),
            keep_cancelled: days(7),
            keep_dead: days(90),
            readiness: Readiness::Required,
            outbox: false,
        })
    }

    fn check(&self, problems: &mut Problems) {
        self.check_queues(problems);
        self.check_times(problems);
        let sizes = 1024..=64 * 1024 * 1024;
        if !sizes.contains(&self.max_payload.bytes()) {
            problems.add(
                "max_payload",
                "must be between 1 KiB and 64 MiB: a store keeps and moves payloads whole",
                "for example `1MiB`; keep larger things elsewhere, and put where they are into the job",
            );
        }
    }
}

impl JobsConfig {
    /// The queues that a worker takes jobs from, with their weights.
    pub fn weights(&self) -> impl Iterator<Item = (&str, u32)> {
        let weights = self
            .queues
            .iter()
            .map(|(queue, weight)| (queue.as_str(), *weight));
        weights.filter(|(_, weight)| *weight > 0)
    }

    /// These settings for the queues of `text` alone, each with its weight: `critical:4,default`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn only(mut self, text: &str) -> Result<Self, String> {
        let mut queues = BTreeMap::new();
        for part in text.split(',').map(str::trim) {
            let (queue, weight) = part.split_once(':').unwrap_or((part, "1"));
            if !name::is_name(queue) {
                return Err(format!(
                    "`{queue}` is no queue, whose name is {}",
                    name::RULE
                ));
            }
            let weight: u32 = weight
                .parse()
                .ok()
                .filter(|weight| (1..=HEAVIEST).contains(weight))
                .ok_or_else(|| {
                    format!("the weight of `{queue}` is not a number from 1 to {HEAVIEST}")
                })?;
            if queues.insert(queue.to_owned(), weight).is_some() {
                return Err(format!("`{queue}` is named twice"));
            }
        }
        self.queues = queues;
        Ok(self)
    }

    fn check_queues(&self, problems: &mut Problems) {
        if self.weights().next().is_none() {
            problems.add(
                "queues",
                "must have a queue of a weight above 0, or a worker had nothing to do",
                "for example `{ default = 1 }`",
            );
        }
        for (queue, weight) in &self.queues {
            if !name::is_name(queue) {
                problems.add(
                    "queues",
                    format!("has a queue of the name `{queue}`, which cannot be one"),
                    format!("the name of a queue is {}", name::RULE),
                );
            }
            if *weight > HEAVIEST {
                problems.add(
                    "queues",
                    format!(
                        "gives `{queue}` the weight {weight}, which must be at most {HEAVIEST}"
                    ),
                    "weights are relative: 4 and 1 are as good as 4000 and 1000",
                );
            }
        }
    }

    fn check_times(&self, problems: &mut Problems) {
        let least = |millis| time::Duration::from_millis(millis);
        let most = time::Duration::from_secs(10 * 365 * 24 * 60 * 60);
        for (key, value, least, example) in [
            ("poll_interval", self.poll_interval, least(10), "1s"),
            ("heartbeat", self.heartbeat, least(50), "10s"),
            ("ageing", self.ageing, least(1), "30s"),
            ("lease", self.lease, least(100), "30s"),
            ("timeout", self.timeout, least(0), "5m"),
            ("cancel_grace", self.cancel_grace, least(0), "10s"),
            ("shutdown_grace", self.shutdown_grace, least(0), "20s"),
            ("keep_completed", self.keep_completed, least(0), "1d"),
            ("keep_cancelled", self.keep_cancelled, least(0), "7d"),
            ("keep_dead", self.keep_dead, least(0), "90d"),
        ] {
            if !(least..=most).contains(&*value) {
                let example = format!("for example `{example}`");
                let words = match least.is_zero() {
                    true => "must be at most ten years".to_owned(),
                    false => format!("must be from {least:?} to ten years"),
                };
                problems.add(key, words, example);
            }
        }
        if *self.lease < *self.heartbeat * 2 {
            problems.add(
                "lease",
                "must be at least twice `heartbeat`, or one late heartbeat would cost a worker that is well its jobs",
                format!("for example `{}`", Duration::from(*self.heartbeat * 3)),
            );
        }
    }

    /// The defaults of the tests, for code that has no configuration files.
    #[must_use]
    pub fn for_tests() -> Self {
        Self::defaults(Profile::Test).expect("there are defaults for every profile")
    }
}
