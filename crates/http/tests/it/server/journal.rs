//! What is logged, kept for the tests of this process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, Once};
use std::time::Duration;

use atlas_telemetry::context;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

static EVENTS: Mutex<Vec<Line>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

/// One event: its fields, with `level`, and with `request_id` and `trace_id` of the context it was written in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(pub(crate) BTreeMap<String, String>);

impl Line {
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }
}

/// Keeps what is logged from here on.
pub(crate) fn install() {
    INSTALL.call_once(|| tracing::subscriber::set_global_default(Journal).unwrap());
}

/// Waits for the access line of a request.
pub(crate) fn access_line(request_id: &str) -> Line {
    for _ in 0..400 {
        let lines = EVENTS.lock().unwrap().clone();
        let found = lines.into_iter().find(|line| {
            line.get("target") == Some("atlas::http::access")
                && line.get("request_id") == Some(request_id)
        });
        if let Some(line) = found {
            return line;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no access line for {request_id}");
}

/// All lines whose field has this value.
pub(crate) fn lines_with(field: &str, value: &str) -> Vec<Line> {
    let lines = EVENTS.lock().unwrap();
    let matching = lines.iter().filter(|line| line.get(field) == Some(value));
    matching.cloned().collect()
}

struct Journal;

impl Subscriber for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("atlas::http") && *metadata.level() <= tracing::Level::INFO
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        line.0
            .insert("level".to_owned(), metadata.level().to_string());
        line.0
            .insert("target".to_owned(), metadata.target().to_owned());
        context::current(|context| {
            line.0
                .insert("request_id".to_owned(), context.request_id().to_string());
            line.0
                .insert("trace_id".to_owned(), context.trace_id().to_string());
            if let Some(route) = context.route() {
                line.0.insert("http.route".to_owned(), route.to_string());
            }
        });
        EVENTS.lock().unwrap().push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}
