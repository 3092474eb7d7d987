//! The wiring, as an app has it.

use std::sync::Arc;

use atlas_config::{Config, Options, Profile};
use atlas_core::{App, Module};
use atlas_telemetry::prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use atlas_telemetry::prometheus_client::metrics::counter::Counter;
use atlas_telemetry::{Collector, CollectorRef, Format, LogConfig, Metrics, Service};

#[derive(Debug)]
struct Mails(Counter);

impl Collector for Mails {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let kind = self.0.metric_type();
        self.0.encode(encoder.encode_descriptor(
            "mails_sent",
            "Mails that were sent",
            None,
            kind,
        )?)
    }
}

fn app(options: Options) -> App {
    let config = Config::load(&options.dir(env!("CARGO_MANIFEST_DIR")));
    App::new("shop")
        .module(atlas_config::module())
        .module(atlas_telemetry::module())
        .module(
            Module::new("mail")
                .contribute(|| -> CollectorRef { Arc::new(Mails(Counter::default())) })
                .contribute(|| Service::new("anonymous", ""))
                .contribute(|| Service::new("shop", "1.2.3")),
        )
        .with(|overrides| overrides.replace(move || config.clone()))
}

#[tokio::test]
async fn metrics_gather_what_modules_contribute() {
    let options = Options::default().profile(Profile::Production);
    let metrics: Metrics = app(options).resolve().await.unwrap();
    let text = metrics.prometheus();
    for expected in [
        "target_info{service_name=\"shop\",service_version=\"1.2.3\",deployment_environment_name=\"production\"} 1\n",
        "mails_sent_total 0\n",
        "tokio_runtime_workers 1\n",
    ] {
        assert!(text.contains(expected), "no {expected} in\n{text}");
    }
}

#[tokio::test]
async fn the_profile_decides_how_lines_look() {
    for (profile, format) in [
        (Profile::Development, Format::Pretty),
        (Profile::Test, Format::Pretty),
        (Profile::Production, Format::Json),
    ] {
        let config: LogConfig = app(Options::default().profile(profile))
            .resolve()
            .await
            .unwrap();
        assert_eq!(config.format, format);
        assert_eq!(config.level.to_string(), "info");
    }
}

#[tokio::test]
async fn a_wrong_level_is_refused_by_its_key() {
    let options = Options::default().set("log.level", "info,shop=loud");
    let error = app(options).resolve::<LogConfig>().await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.exit_code(), 78);
    for expected in ["log.level", "`loud` is not a log level; use `off`, `error`"] {
        assert!(text.contains(expected), "no {expected} in\n{text}");
    }
}
