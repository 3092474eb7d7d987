//! What spans and log lines say of jobs, and whose trace they belong to.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use atlas_core::{Actor, scope};
use atlas_jobs::{Handler, Run, State};
use atlas_telemetry::context::{self, Context, RequestId, TraceParent};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::{Ledger, Task, World, config, task};

type Fields = BTreeMap<String, String>;

/// Keeps the spans of jobs, and what handlers and workers say.
#[derive(Clone)]
struct Seen {
    level: Level,
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, Fields>>>,
    lines: Arc<Mutex<Vec<Fields>>>,
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Seen {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = ["atlas::jobs", "shop::mail"].contains(&metadata.target());
        ours && *metadata.level() <= self.level
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = Fields::new();
        fields.insert("name".to_owned(), attributes.metadata().name().to_owned());
        attributes.record(&mut Visitor(&mut fields));
        self.spans.lock().unwrap().insert(id, fields);
        span::Id::from_u64(id)
    }
    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Visitor(spans.get_mut(&id.into_u64()).unwrap()));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        fields.insert("target".to_owned(), event.metadata().target().to_owned());
        // as the log does
        context::current(|context| {
            fields.insert("trace_id".to_owned(), context.trace_id().to_string());
            if let Some(job) = context.job() {
                fields.insert("job.id".to_owned(), job.id().to_owned());
                fields.insert("job.kind".to_owned(), job.kind().to_owned());
                fields.insert("job.attempt".to_owned(), job.attempt().to_string());
            }
        });
        self.lines.lock().unwrap().push(fields);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Seen {
    fn new(level: Level) -> Self {
        Self {
            level,
            next: Arc::default(),
            spans: Arc::default(),
            lines: Arc::default(),
        }
    }

    /// The spans of this name, in the order in which they began.
    fn spans(&self, name: &str) -> Vec<Fields> {
        let spans = self.spans.lock().unwrap();
        let spans = spans.values().filter(|span| span["name"] == name);
        spans.cloned().collect()
    }

    /// The lines of this target.
    fn lines(&self, target: &str) -> Vec<Fields> {
        let lines = self.lines.lock().unwrap();
        let lines = lines.iter().filter(|line| line["target"] == target);
        lines.cloned().collect()
    }
}

/// Notes on whose behalf it runs, logs a line, and fails the first time.
fn mail(ledger: &Ledger) -> Handler {
    let ledger = ledger.clone();
    Handler::of(move |job: Run<Task>| {
        let ledger = ledger.clone();
        async move {
            let actor = Actor::current().map(|it| it.id().to_owned());
            ledger.note(actor.unwrap_or_default());
            tracing::info!(target: "shop::mail", "sending");
            match job.attempt() {
                1 => Err("the host is away"),
                _ => Ok(()),
            }
        }
    })
}

const PARENT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn each_attempt_of_a_delayed_job_is_in_the_trace_of_the_request_that_enqueued_it() {
    let seen = Seen::new(Level::DEBUG);
    let _guard = tracing::subscriber::set_default(seen.clone());
    let (world, ledger) = (World::new(config()), Ledger::default());
    let request = Context::continued(
        RequestId::accept(b"req-7").unwrap(),
        TraceParent::parse(PARENT).unwrap(),
    );
    let of_request = request.span_id().to_string();
    let enqueue = scope::enter(async {
        Actor::new("user:42").act();
        let job = world.jobs.enqueue(task(1));
        job.after(Duration::from_millis(50)).await.unwrap().id()
    });
    let id = context::scope(request, enqueue).await;
    let worker = world.work(mail(&ledger));
    world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!(ledger.read(), ["user:42", "user:42"]);

    let sent = seen.spans("job.enqueue");
    assert_eq!(sent.len(), 1, "{sent:#?}");
    for (field, value) in [
        ("otel.name", "send default"),
        ("otel.kind", "producer"),
        ("messaging.system", "atlas_jobs"),
        ("messaging.operation.type", "send"),
        ("messaging.destination.name", "default"),
        ("messaging.message.id", &id.to_string()),
        ("job.kind", "task"),
        ("trace_id", TRACE),
        ("parent_span_id", &of_request),
    ] {
        assert_eq!(sent[0][field], value, "{field}: {sent:#?}");
    }

    let runs = seen.spans("job.run");
    assert_eq!(runs.len(), 2, "{runs:#?}");
    for (attempt, run) in (1..).zip(&runs) {
        for (field, value) in [
            ("otel.name", "process default"),
            ("otel.kind", "consumer"),
            ("messaging.system", "atlas_jobs"),
            ("messaging.operation.type", "process"),
            ("messaging.destination.name", "default"),
            ("messaging.message.id", &id.to_string()),
            ("job.kind", "task"),
            ("job.attempt", &attempt.to_string()),
            ("trace_id", TRACE),
            ("parent_span_id", &of_request),
        ] {
            assert_eq!(run[field], value, "{field}: {run:#?}");
        }
    }
    assert_ne!(runs[0]["span_id"], runs[1]["span_id"]);
    assert_eq!(runs[0]["atlas.job.outcome"], "retry");
    assert_eq!(runs[0]["otel.status_code"], "ERROR");
    assert_eq!(runs[0]["error.type"], "error");
    assert_eq!(runs[1]["atlas.job.outcome"], "done");
    assert!(!runs[1].contains_key("error.type"));

    let lines = seen.lines("shop::mail");
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for (attempt, line) in (1..).zip(&lines) {
        assert_eq!(line["job.id"], id.to_string());
        assert_eq!(line["job.kind"], "task");
        assert_eq!(line["job.attempt"], attempt.to_string());
        assert_eq!(line["trace_id"], TRACE);
    }
}

#[tokio::test]
async fn the_attempts_of_a_job_that_no_request_has_enqueued_are_one_trace() {
    let seen = Seen::new(Level::DEBUG);
    let _guard = tracing::subscriber::set_default(seen.clone());
    let world = World::new(config());
    let worker = world.work(mail(&Ledger::default()));
    let id = world.add(task(1)).await;
    world.reaches(id, State::Completed).await;
    worker.stop().await;
    let own = id.to_string().replace('-', "");
    assert_eq!(seen.spans("job.enqueue")[0]["trace_id"], own);
    let runs = seen.spans("job.run");
    assert_eq!(runs.len(), 2, "{runs:#?}");
    for run in runs {
        assert_eq!(run["trace_id"], own);
        assert!(!run.contains_key("parent_span_id"), "{run:#?}");
    }
}

#[tokio::test]
async fn an_attempt_that_fails_is_said_once_with_the_job_and_what_comes_next() {
    let seen = Seen::new(Level::INFO);
    let _guard = tracing::subscriber::set_default(seen.clone());
    let world = World::new(config());
    let handler = Handler::of(|_: Run<Task>| async { Err::<(), _>("the host is away") });
    let worker = world.work(handler);
    let job = Task {
        number: 1,
        attempts: 2,
    };
    let id = world.add(job).await;
    world.reaches(id, State::Dead).await;
    worker.stop().await;
    let lines = seen.lines("atlas::jobs");
    assert_eq!(lines.len(), 2, "{lines:#?}");
    let [first, last] = [&lines[0], &lines[1]];
    for line in [first, last] {
        assert_eq!(line["job.id"], id.to_string());
        assert_eq!(line["failure"], "error");
        assert_eq!(line["error"], "the host is away");
    }
    assert_eq!(first["job.attempt"], "1");
    assert!(first.contains_key("retry_ms"), "{first:#?}");
    assert_eq!(last["job.attempt"], "2");
    assert_eq!(last["reason"], "exhausted");
    assert!(seen.spans("job.run").is_empty(), "nobody listens to spans");
    assert!(
        seen.spans("job.enqueue").is_empty(),
        "nobody listens to spans"
    );
}

#[tokio::test]
async fn many_jobs_that_are_enqueued_at_once_are_one_span_that_says_how_many() {
    let seen = Seen::new(Level::DEBUG);
    let _guard = tracing::subscriber::set_default(seen.clone());
    let world = World::new(config());
    let jobs = (0..7).map(task);
    world.jobs.enqueue_all(jobs).await.unwrap();
    let spans = seen.spans("job.enqueue");
    assert_eq!(spans.len(), 1, "{spans:#?}");
    assert_eq!(spans[0]["messaging.batch.message_count"], "7");
    assert_eq!(spans[0]["otel.name"], "send default");
    assert!(!spans[0].contains_key("messaging.message.id"));
}
