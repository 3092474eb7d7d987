//! The events of the lifecycle, as a subscriber of `tracing` sees them.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex},
};

use atlas_core::{App, Lifecycle, Module};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::journal::soon;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "atlas::lifecycle"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// `name=value` of each field; of numbers, which are times, only the name.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }

    fn record_u64(&mut self, field: &Field, _: u64) {
        let _ = write!(self.0, " {}", field.name());
    }
}

fn server(lifecycle: Lifecycle) {
    lifecycle.on_start(|| async {});
    lifecycle.spawn(|stop| stop.triggered());
    lifecycle.on_stop(|| async { Err("late") });
}

#[test]
fn each_step_is_an_event_with_its_run_time() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let running = App::new("shop")
            .module(Module::new("m").invoke(server))
            .start()
            .await
            .unwrap();
        assert!(soon(running.stop()).await.is_err());
    });
    let lines: Vec<String> = lines
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|line| line.replace("events::", ""))
        .collect();
    assert_eq!(
        lines,
        [
            "DEBUG event=constructed name=server elapsed_us",
            "DEBUG event=hook_starting name=start hook of server",
            "DEBUG event=hook_started name=start hook of server elapsed_us",
            "DEBUG event=task_started name=task of server",
            "DEBUG event=phase phase=Started",
            "INFO event=started app=shop elapsed_ms steps",
            "INFO event=stopping app=shop cause=a request with exit code 0",
            "DEBUG event=phase phase=Stopping",
            "DEBUG event=hook_stopping name=stop hook of server",
            "WARN event=hook_failed name=stop hook of server error=failed: late",
            "DEBUG event=hook_stopping name=task of server",
            "DEBUG event=hook_stopped name=task of server elapsed_us",
            "DEBUG event=phase phase=Stopped",
            "INFO event=stopped app=shop failures",
        ]
    );
}

#[test]
fn a_hook_that_is_registered_too_late_is_refused_aloud() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (send, kept) = std::sync::mpsc::channel();
        let module =
            Module::new("m").invoke(move |lifecycle: Lifecycle| drop(send.send(lifecycle)));
        let running = App::new("shop").module(module).start().await.unwrap();
        kept.recv().unwrap().on_stop(|| async { Err("not run") });
        soon(running.stop()).await.unwrap();
    });
    let refused =
        |line: &String| line.starts_with("ERROR") && line.contains("event=registered_too_late");
    assert_eq!(
        lines
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|line| refused(line))
            .count(),
        1
    );
}
