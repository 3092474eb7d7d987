//! What every service has.

use atlas_core::Module;

/// Configuration and telemetry: sections, profile, logs and metrics. The first module of an app.
pub fn defaults() -> Module {
    Module::new("defaults")
        .module(atlas_config::module())
        .module(atlas_telemetry::module())
}
