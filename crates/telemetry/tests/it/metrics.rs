//! The text that Prometheus reads.

use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use atlas_telemetry::prometheus_client::encoding::DescriptorEncoder;
use atlas_telemetry::prometheus_client::metrics::counter::Counter;
use atlas_telemetry::prometheus_client::metrics::exemplar::HistogramWithExemplars;
use atlas_telemetry::prometheus_client::metrics::family::Family;
use atlas_telemetry::{Collector, CollectorRef, Metrics, Process, Runtime, Service, names};

use crate::golden;

type Labels = Vec<(&'static str, &'static str)>;

#[derive(Debug)]
struct Shop {
    duration: HistogramWithExemplars<Labels>,
    timeouts: Family<Labels, Counter>,
}

impl Shop {
    fn new() -> Self {
        let it = Self {
            duration: HistogramWithExemplars::new(names::http::BUCKETS.iter().copied()),
            timeouts: Family::default(),
        };
        let trace = vec![("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")];
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_356_024);
        it.duration.observe(0.02, Some(trace), Some(at));
        it.duration.observe(30.0, None, None);
        it.timeouts
            .get_or_create(&vec![(names::db::label::POOL, "a \"b\" # {c}\\\n")])
            .inc();
        it
    }
}

impl Collector for Shop {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        names::http::REQUEST_DURATION.encode(&mut encoder, &self.duration)?;
        names::db::TIMEOUTS.encode(&mut encoder, &self.timeouts)
    }
}

fn metrics() -> Metrics {
    let service = Service::new("shop", "1.2.3").environment("production");
    Metrics::new(vec![Arc::new(service), Arc::new(Shop::new())])
}

/// Everything that a process always shows.
fn full() -> Metrics {
    let own: Vec<CollectorRef> = vec![
        Arc::new(Service::new("shop", "1.2.3")),
        Arc::new(Process::new()),
        Arc::new(Runtime::current().unwrap()),
        Arc::new(Shop::new()),
    ];
    Metrics::new(own)
}

/// The version of Atlas is not part of the format.
fn steady(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "<version>")
}

#[test]
fn the_older_format_has_no_exemplars() {
    golden::assert("metrics.prometheus", &steady(&metrics().prometheus()));
}

#[test]
fn open_metrics_links_a_bucket_to_a_trace() {
    golden::assert("metrics.openmetrics", &steady(&metrics().open_metrics()));
}

#[tokio::test]
async fn promtool_finds_nothing_to_complain_about() {
    let text = full().prometheus();
    let Ok(mut promtool) = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        // a machine without it still holds the text against our own reader
        return every_sample_belongs_to_a_type(&text);
    };
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = promtool.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}\n{text}"
    );
}

#[tokio::test]
async fn every_sample_has_a_type_and_help() {
    every_sample_belongs_to_a_type(&full().prometheus());
}

fn every_sample_belongs_to_a_type(text: &str) {
    let mut family = String::new();
    let mut helped = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped = rest.split(' ').next().unwrap().to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap().to_owned();
            assert_eq!(family, helped, "{line}");
        } else {
            let name = line.split(['{', ' ']).next().unwrap();
            let suffix = name
                .strip_prefix(&family)
                .unwrap_or_else(|| panic!("{line}"));
            assert!(
                ["", "_bucket", "_sum", "_count"].contains(&suffix),
                "{line}"
            );
            let value = line.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_process_and_its_runtime_are_measured() {
    let before = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let text = full().prometheus();
    let value = |name: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let line = line.unwrap_or_else(|| panic!("no {name} in\n{text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(value("process_resident_memory_bytes") > 500_000.0);
    assert!(value("process_cpu_seconds_total") >= 0.0);
    assert!(value("process_open_fds") >= 3.0);
    assert!(value("process_max_fds") >= value("process_open_fds"));
    let age = before.as_secs_f64() - value("process_start_time_seconds");
    assert!((-2.0..3600.0).contains(&age), "{age}");
    assert_eq!(value("tokio_runtime_workers"), 1.0);
}
