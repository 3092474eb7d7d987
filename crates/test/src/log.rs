//! Logs of tests.

use atlas::telemetry::{self, Filter, Format, LogConfig, Output};

/// Sends the log to the test harness, which keeps it with the test that runs and shows it when that test fails.
///
/// `ATLAS_LOG__LEVEL` chooses what is logged, `info` by default.
pub(crate) fn capture() {
    let level = std::env::var("ATLAS_LOG__LEVEL").ok();
    let filter = level.and_then(|text| text.parse().ok());
    let config = LogConfig::new(filter.unwrap_or_else(Filter::info), Format::Pretty);
    // every test asks for it; the first one in the process gets it
    let _ = telemetry::install(&config, Output::Harness).map(drop);
}
