//! Names of what is running.

use super::{Kind, Metric};

/// The resource: which service this is.
pub const TARGET: Metric = Metric::new(
    "target",
    "target",
    Kind::Info,
    "The service that is measured",
)
.labels(&[
    "service_name",
    "service_version",
    "deployment_environment_name",
]);

/// What it was built with.
pub const BUILD: Metric = Metric::new(
    "atlas.build",
    "atlas_build",
    Kind::Info,
    "The version of Atlas that the service was built with",
)
.labels(&["version"]);
