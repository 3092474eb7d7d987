//! What the crates of a process warn of.

use std::fmt;

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry};

/// Lets this process say on stderr what its crates warn of, a line each: a case finds it in the logs.
///
/// # Panics
///
/// When something else listens already.
pub fn say_warnings() {
    let subscriber = registry().with(Warnings);
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
}

struct Warnings;

impl<S: Subscriber> Layer<S> for Warnings {
    #[allow(clippy::print_stderr, reason = "it is the log of the process")]
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        // of an error, the first is the most severe
        if *metadata.level() > Level::WARN {
            return;
        }
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        eprintln!("{}", line.0);
    }
}

/// The fields of an event, one after the other.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &match field.name() {
            "message" => format!(" {value:?}"),
            name => format!(" {name}={value:?}"),
        };
    }
}
