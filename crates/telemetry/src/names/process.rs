//! Names of the process, as Prometheus has them.

use super::{Kind, Measure, Metric};

/// The processor time that the process has used.
pub const CPU: Metric = Metric::new(
    "process.cpu.time",
    "process_cpu",
    Kind::Counter,
    "User and system CPU time spent by the process",
)
.unit(Measure::Seconds);

/// The memory that the process occupies.
pub const RESIDENT_MEMORY: Metric = Metric::new(
    "process.memory.usage",
    "process_resident_memory",
    Kind::Gauge,
    "Physical memory that the process occupies",
)
.unit(Measure::Bytes);

/// How many file descriptors are open.
pub const OPEN_FDS: Metric = Metric::new(
    "process.unix.file_descriptor.count",
    "process_open_fds",
    Kind::Gauge,
    "Number of open file descriptors",
);

/// How many file descriptors may be open.
pub const MAX_FDS: Metric = Metric::new(
    "process.unix.file_descriptor.limit",
    "process_max_fds",
    Kind::Gauge,
    "Maximum number of open file descriptors",
);

/// When the process was started.
pub const START_TIME: Metric = Metric::new(
    "process.start_time",
    "process_start_time",
    Kind::Gauge,
    "Start of the process in seconds since 1970",
)
.unit(Measure::Seconds);
