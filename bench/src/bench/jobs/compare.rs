//! The comparison: every figure in a process of its own, Atlas and the peer in turn on the same server.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result, bail, ensure};
use atlas_servers::{Kind, Options, Server, skipped};

use super::{Measured, peer};
use crate::median::median;

const ROUNDS: usize = 3;
/// Jobs of a backlog.
const BACKLOG: u64 = 100_000;
/// Jobs that are enqueued one by one, and by how many producers.
const SINGLE: (u64, u32) = (19_200, 64);
/// How many jobs a worker runs at a time: the default of the configuration.
const CONCURRENCY: u32 = 16;
/// How long the latency is measured, in seconds.
const SECONDS: f64 = 10.0;

/// A store that is measured.
struct Subject {
    word: &'static str,
    /// The server; a file if there is none.
    kind: Option<Kind>,
    /// The peer has it.
    peer: bool,
    /// The rate to be reached.
    aim: f64,
}

const SUBJECTS: [Subject; 4] = [
    Subject {
        word: "sqlite",
        kind: None,
        peer: true,
        aim: 5_000.0,
    },
    Subject {
        word: "postgres",
        kind: Some(Kind::Postgres),
        peer: true,
        aim: 10_000.0,
    },
    Subject {
        word: "mariadb",
        kind: Some(Kind::MariaDb),
        peer: false,
        aim: 4_000.0,
    },
    Subject {
        word: "redis",
        kind: Some(Kind::Redis),
        peer: true,
        aim: 15_000.0,
    },
];

/// Compares on the stores of these words, or on all.
pub(crate) fn compare(words: &[String]) -> Result<()> {
    for word in words {
        ensure!(
            SUBJECTS.iter().any(|it| it.word == word),
            "`{word}` is no store: it is one of sqlite, postgres, mariadb, redis"
        );
    }
    let atlas = std::env::current_exe()?;
    let peer = peer::program()?;
    let asked = |it: &&Subject| words.is_empty() || words.iter().any(|word| word == it.word);
    for subject in SUBJECTS.iter().filter(asked) {
        let Some(bench) = Bench::new(subject)? else {
            continue;
        };
        bench.run(&atlas, subject.peer.then_some(peer.as_path()))?;
    }
    Ok(())
}

/// A store, and new places in it.
struct Bench<'a> {
    subject: &'a Subject,
    server: Option<Server>,
    folder: tempfile::TempDir,
    places: AtomicU32,
}

impl<'a> Bench<'a> {
    fn new(subject: &'a Subject) -> Result<Option<Self>> {
        let server = match subject.kind {
            None => None,
            Some(kind) => match Server::start_with(kind, Options::new().flushed()) {
                Ok(server) => Some(server),
                Err(absent) => {
                    skipped(&absent);
                    return Ok(None);
                }
            },
        };
        // not in the folder for temporary files, which may be memory
        let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
        Ok(Some(Self {
            subject,
            server,
            folder,
            places: AtomicU32::new(0),
        }))
    }

    /// The URL of an empty store.
    fn place(&self) -> Result<String> {
        let number = self.places.fetch_add(1, Ordering::Relaxed);
        let Some(server) = &self.server else {
            let file = self.folder.path().join(format!("jobs{number}.sqlite"));
            return Ok(format!("sqlite://{}?mode=rwc", file.display()));
        };
        let name = format!("bench{number}");
        match server.kind() {
            Kind::Redis => {
                server.run("FLUSHALL").map_err(anyhow::Error::msg)?;
                Ok(server.admin_url())
            }
            _ => {
                server
                    .run(&format!("CREATE DATABASE {name}"))
                    .map_err(anyhow::Error::msg)?;
                Ok(server.url_of(&name))
            }
        }
    }

    fn run(&self, atlas: &Path, peer: Option<&Path>) -> Result<()> {
        println!("\n### {}\n", self.subject.word);
        println!("| figure (median of {ROUNDS} rounds) | Atlas | apalis | Atlas ÷ apalis | aim |");
        println!("| --- | ---: | ---: | ---: | ---: |");
        let aim = self.subject.aim;
        let (single, at_once) = (SINGLE.0.to_string(), SINGLE.1.to_string());
        let one = self.both(atlas, peer, &["enqueue", &single, &at_once])?;
        one.row(
            "enqueued one by one by 64 callers, jobs/s",
            |it| it.rate,
            Some(aim),
        );
        let alone = self.both(atlas, None, &["enqueue", "2000", "1"])?;
        alone.row(
            "enqueued one by one by one caller, jobs/s",
            |it| it.rate,
            None,
        );
        let backlog = BACKLOG.to_string();
        let bulk = self.both(atlas, None, &["bulk", &backlog, "1"])?;
        bulk.row(
            "enqueued by 10,000 by one caller, jobs/s",
            |it| it.rate,
            Some(5.0 * alone.atlas(|it| it.rate)),
        );
        let concurrency = CONCURRENCY.to_string();
        let drain = self.both(atlas, peer, &["drain", &backlog, &concurrency])?;
        drain.row(
            "taken from a backlog of 100,000, jobs/s",
            |it| it.rate,
            Some(aim),
        );
        let drained = drain.atlas(|it| it.rate);
        let history = self.once(atlas, &["history", &backlog, &concurrency])?;
        let history = Both {
            atlas: vec![history],
            ..Both::default()
        };
        history.row(
            "the same beside 1,000,000 completed, jobs/s",
            |it| it.rate,
            Some(drained),
        );
        let flow = self.both(atlas, peer, &["flow", &single, &concurrency, &at_once])?;
        flow.row(
            "enqueued one by one by 64 callers and worked on meanwhile, jobs/s",
            |it| it.rate,
            Some(aim),
        );
        // each at half of what it can do
        let mut latency = Both::default();
        for _ in 0..ROUNDS {
            let rate = median(&rates(&flow.atlas));
            latency.atlas.push(self.paced(atlas, &concurrency, rate)?);
            if let (Some(peer), false) = (peer, flow.peer.is_empty()) {
                let rate = median(&rates(&flow.peer));
                match self.paced(peer, &concurrency, rate) {
                    Ok(measured) => latency.peer.push(measured),
                    Err(error) => latency.peer_failed(&error),
                }
            }
        }
        latency.row(
            "wait at half of that, p50, ms",
            |it| it.p50_ms.unwrap_or(f64::NAN),
            Some(10.0),
        );
        latency.row(
            "wait at half of that, p99, ms",
            |it| it.p99_ms.unwrap_or(f64::NAN),
            None,
        );
        Ok(())
    }

    /// How long jobs wait at half of this rate.
    fn paced(&self, program: &Path, concurrency: &str, full: f64) -> Result<Measured> {
        let rate = (full / 2.0).round();
        let jobs = (rate * SECONDS).round().to_string();
        self.once(program, &["latency", &jobs, concurrency, &rate.to_string()])
    }

    fn both(&self, atlas: &Path, peer: Option<&Path>, arguments: &[&str]) -> Result<Both> {
        let mut both = Both::default();
        for _ in 0..ROUNDS {
            both.atlas.push(self.once(atlas, arguments)?);
            if let Some(peer) = peer {
                match self.once(peer, arguments) {
                    Ok(measured) => both.peer.push(measured),
                    Err(error) => both.peer_failed(&error),
                }
            }
        }
        Ok(both)
    }

    /// One measurement by a program: the mode, and what comes after the URL.
    fn once(&self, program: &Path, arguments: &[&str]) -> Result<Measured> {
        let [mode, rest @ ..] = arguments else {
            bail!("no mode");
        };
        let done = Command::new(program)
            .arg(mode)
            .arg(self.place()?)
            .args(rest)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("{} does not run", program.display()))?;
        ensure!(
            done.status.success(),
            "{} {mode} failed: {}",
            program.display(),
            done.status
        );
        let line = String::from_utf8_lossy(&done.stdout);
        let line = line.lines().last().unwrap_or_default();
        serde_json::from_str(line).with_context(|| format!("`{line}` is no measurement"))
    }
}

/// What was measured of both.
#[derive(Default)]
struct Both {
    atlas: Vec<Measured>,
    peer: Vec<Measured>,
    /// The peer could not do it.
    has_failed: bool,
}

fn rates(all: &[Measured]) -> Vec<f64> {
    all.iter().map(|it| it.rate).collect()
}

impl Both {
    fn peer_failed(&mut self, error: &anyhow::Error) {
        eprintln!("the peer: {error:#}");
        self.has_failed = true;
    }

    fn atlas(&self, figure: impl Fn(&Measured) -> f64) -> f64 {
        median(&self.atlas.iter().map(figure).collect::<Vec<_>>())
    }

    /// Prints a row of the table.
    fn row(&self, words: &str, figure: impl Fn(&Measured) -> f64, aim: Option<f64>) {
        let atlas = self.atlas(&figure);
        let show = |value: f64| match value {
            value if value >= 100.0 => format!("{value:.0}"),
            value => format!("{value:.2}"),
        };
        let (peer, ratio) = match self.peer.len() < self.atlas.len() {
            true if self.has_failed => ("fails".to_owned(), "–".to_owned()),
            true => ("–".to_owned(), "–".to_owned()),
            false => {
                let peer: Vec<f64> = self.peer.iter().map(&figure).collect();
                let pairs = self.atlas.iter().map(&figure).zip(&peer);
                let ratios: Vec<f64> = pairs.map(|(one, other)| one / other).collect();
                (show(median(&peer)), format!("{:.2}", median(&ratios)))
            }
        };
        let aim = aim.map_or("–".to_owned(), show);
        println!("| {words} | {} | {peer} | {ratio} | {aim} |", show(atlas));
    }
}
