//! What the process uses: processor, memory, file descriptors.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::names::{Metric, process};

/// Measures the process when it is asked, from `/proc`; where there is none, it shows nothing.
#[derive(Clone, Debug)]
pub struct Process {
    ticks_per_second: f64,
    start_time: Option<f64>,
}

impl Process {
    /// A collector for the process that runs now.
    pub fn new() -> Self {
        let ticks_per_second = ticks_per_second().unwrap_or(100.0);
        Self {
            ticks_per_second,
            start_time: start_time(ticks_per_second),
        }
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(ticks) = cpu_ticks() {
            let counter = ConstCounter::new(ticks / self.ticks_per_second);
            process::CPU.encode(&mut encoder, &counter)?;
        }
        let mut gauge = |metric: Metric, value: Option<f64>| match value {
            Some(value) => metric.encode(&mut encoder, &ConstGauge::new(value)),
            None => Ok(()),
        };
        gauge(process::RESIDENT_MEMORY, resident_memory())?;
        gauge(process::OPEN_FDS, open_files())?;
        gauge(process::MAX_FDS, max_files())?;
        gauge(process::START_TIME, self.start_time)
    }
}

/// The fields of `/proc/self/stat` behind the command, whose name may hold anything: the first is number 3 of `proc(5)`.
fn stat() -> Option<Vec<String>> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// User and system time, fields 14 and 15.
fn cpu_ticks() -> Option<f64> {
    let fields = stat()?;
    let user: u64 = fields.get(11)?.parse().ok()?;
    let system: u64 = fields.get(12)?.parse().ok()?;
    Some((user + system) as f64)
}

/// Field 22 counts from the boot, which `/proc/stat` knows as `btime`.
fn start_time(ticks_per_second: f64) -> Option<f64> {
    let ticks: f64 = stat()?.get(19)?.parse().ok()?;
    let boot: f64 = line("/proc/stat", "btime ")?.trim().parse().ok()?;
    Some(boot + ticks / ticks_per_second)
}

fn resident_memory() -> Option<f64> {
    let value = line("/proc/self/status", "VmRSS:")?;
    let kibibytes: f64 = value.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

fn open_files() -> Option<f64> {
    // the directory itself is open while it is read
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    Some(open.saturating_sub(1) as f64)
}

fn max_files() -> Option<f64> {
    let value = line("/proc/self/limits", "Max open files")?;
    value.split_whitespace().next()?.parse().ok()
}

fn line(file: &str, prefix: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(prefix))?;
    Some(rest.to_owned())
}

/// `AT_CLKTCK` of the auxiliary vector, which is a list of pairs of machine words.
fn ticks_per_second() -> Option<f64> {
    const AT_CLKTCK: usize = 17;
    let vector = fs::read("/proc/self/auxv").ok()?;
    let (words, _) = vector.as_chunks::<{ size_of::<usize>() }>();
    let (pairs, _) = words.as_chunks::<2>();
    let [_, ticks] = pairs
        .iter()
        .find(|[kind, _]| usize::from_ne_bytes(*kind) == AT_CLKTCK)?;
    Some(usize::from_ne_bytes(*ticks) as f64)
}
