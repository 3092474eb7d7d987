//! A process that shows the life of an app: three components in a row, each with a start and a stop hook.
//!
//! Each argument is one thing to go wrong, as `what=where`:
//!
//! ```text
//! cargo run --example life -- hold=b      # the start hook of b never ends: press Ctrl-C
//! cargo run --example life -- hang=b      # the stop hook of b never ends: its deadline hits
//! cargo run --example life -- panic=c die=1 exit=7 build=2 limit=300 budget=1000
//! ```

use std::{env, future::pending, io::Write as _, process::ExitCode, thread, time::Duration};

use atlas_core::{App, Component, Lifecycle, Module, Phase, Phases, Shutdown};

#[derive(Clone)]
struct A;
#[derive(Clone)]
struct B;
#[derive(Clone)]
struct C;
impl Component for A {}
impl Component for B {}
impl Component for C {}

/// What goes wrong, from the command line.
fn wish(what: &str) -> Option<String> {
    let prefix = format!("{what}=");
    env::args().find_map(|argument| argument.strip_prefix(&prefix).map(ToOwned::to_owned))
}

fn wished(what: &str, of: &str) -> bool {
    wish(what).as_deref() == Some(of)
}

fn millis(what: &str, otherwise: u64) -> Duration {
    Duration::from_millis(
        wish(what)
            .and_then(|text| text.parse().ok())
            .unwrap_or(otherwise),
    )
}

/// One line at once, so that who reads along sees it at once.
fn say(what: &str, of: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{what} {of}").and_then(|()| out.flush());
}

fn panic_when_wished(what: &str, of: &str) {
    assert!(!wished(what, of), "as wished");
}

fn hooks(lifecycle: &Lifecycle, name: &'static str) {
    lifecycle.limit(millis("limit", 15_000));
    lifecycle.on_start(move || async move {
        if wished("hold", name) {
            say("holding", name);
            pending::<()>().await;
        }
        if wished("jam", name) {
            say("jammed", name);
            thread::sleep(Duration::from_secs(600));
        }
        panic_when_wished("panic", name);
        say("started", name);
    });
    lifecycle.on_stop(move || async move {
        say("stopping", name);
        if wished("hang", name) {
            pending::<()>().await;
        }
        if wished("block", name) {
            thread::sleep(Duration::from_secs(600));
        }
        say("stopped", name);
    });
}

async fn a(lifecycle: Lifecycle) -> A {
    hooks(&lifecycle, "a");
    A
}

async fn b(_: A, lifecycle: Lifecycle) -> B {
    hooks(&lifecycle, "b");
    if wished("build", "b") {
        say("building", "b");
        pending::<()>().await;
    }
    B
}

fn c(_: B, lifecycle: Lifecycle) -> C {
    hooks(&lifecycle, "c");
    C
}

fn main_task(_: C, phases: Phases, lifecycle: Lifecycle) {
    lifecycle.spawn(async move |stop: Shutdown| {
        phases.wait_for(Phase::Started).await;
        say("running", "main");
        if let Some(code) = wish("exit").and_then(|text| text.parse().ok()) {
            stop.request(code);
        }
        if wish("die").is_some() {
            return Err("lost the broker");
        }
        stop.triggered().await;
        say("ended", "main");
        Ok(())
    });
}

#[tokio::main]
async fn main() -> ExitCode {
    let module = Module::new("life")
        .provide(a)
        .provide(b)
        .provide(c)
        .process("main", main_task);
    let app = App::new("life")
        .module(module)
        .stop_timeout(millis("budget", 28_000));
    match app.run().await {
        Ok(status) => status.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(error.exit_code())
        }
    }
}
