//! The endpoints for operators.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use atlas_config::Profile;
use atlas_core::{HealthCheck, Lifecycle, Module};
use atlas_http::{Listening, Routes, get};
use axum::Router;
use serde_json::json;
use tokio::sync::Notify;

use super::app::Setup;
use super::client::Client;
use super::process::once_in_three;

fn setup() -> Setup {
    Setup::new(Router::new())
}

fn hanging(name: &'static str) -> HealthCheck {
    HealthCheck::new(name, std::future::pending::<Result<(), String>>)
        .timeout(Duration::from_secs(60))
}

fn broken(name: &'static str) -> HealthCheck {
    HealthCheck::new(name, || async { Err::<(), _>("no route to 10.1.2.3") })
}

#[test]
fn all_is_well_by_default() {
    let server = setup().start();
    let mut client = server.connect();
    for (path, status) in [
        ("/livez", "alive"),
        ("/readyz", "ready"),
        ("/startupz", "started"),
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json(), json!({ "status": status }));
    }
    assert_eq!(client.request("HEAD", "/readyz", &[]).status, 200);
    let refused = client.request("POST", "/readyz", &[]);
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET,HEAD"));
}

#[test]
fn a_dependency_that_hangs_hangs_no_probe() {
    let server = setup().check(hanging("database")).start();
    let mut client = server.connect();
    once_in_three(|| {
        let begun = Instant::now();
        for _ in 0..2 {
            client.get("/readyz").problem(503, "unavailable");
        }
        let took = begun.elapsed() / 2;
        if took < Duration::from_secs(1) {
            Ok(())
        } else {
            Err(took)
        }
    });
    once_in_three(|| {
        let begun = Instant::now();
        assert_eq!(client.get("/livez").status, 200);
        let took = begun.elapsed();
        if took < Duration::from_millis(500) {
            Ok(())
        } else {
            Err(took)
        }
    });
}

#[test]
fn a_part_that_is_not_well_makes_the_service_not_ready_and_verbose_says_which() {
    let server = setup()
        .check(HealthCheck::new("cache", || async { Ok::<_, String>(()) }))
        .check(broken("database"))
        .start();
    let mut client = server.connect();
    let answer = client.get("/readyz");
    answer.problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(client.get("/livez").status, 200);

    let answer = client.get("/readyz?verbose");
    assert_eq!(answer.status, 503);
    let report = answer.json();
    assert_eq!(report["status"], "not_ready");
    assert_eq!(report["phase"], "started");
    assert_eq!(report["checks"][0]["name"], "cache");
    assert_eq!(report["checks"][0]["status"], "ok");
    assert_eq!(report["checks"][1]["status"], "failing");
    assert_eq!(report["checks"][1]["error"], "no route to 10.1.2.3");
}

#[test]
fn in_production_nobody_is_told_what_a_part_failed_with() {
    let server = setup()
        .check(broken("database"))
        .profile(Profile::Production)
        .start();
    let answer = server.connect().get("/readyz?verbose");
    assert_eq!(answer.json()["checks"][0]["status"], "failing");
    assert!(!answer.text().contains("10.1.2.3"), "{}", answer.text());
}

#[test]
fn a_part_that_is_not_critical_is_only_reported() {
    let panicking = HealthCheck::new("search", no_index).critical(false);
    let server = setup().check(panicking).start();
    let mut client = server.connect();
    assert_eq!(client.get("/readyz").status, 200);
    let report = client.get("/readyz?verbose").json();
    assert_eq!(report["status"], "ready");
    assert_eq!(report["checks"][0]["error"], "panicked: no index");
}

async fn no_index() -> Result<(), String> {
    panic!("no index")
}

#[test]
fn a_check_is_asked_once_a_second_at_most() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let check = HealthCheck::new("database", move || {
        count.fetch_add(1, SeqCst);
        async { Ok::<_, String>(()) }
    });
    let server = setup().check(check).start();
    let mut client = server.connect();
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(client.get("/readyz").status, 200);
    }
    let most = begun.elapsed().as_secs() as usize + 1;
    assert!(asked.load(SeqCst) <= most, "{} times", asked.load(SeqCst));
}

#[test]
fn a_route_that_a_probe_would_hide_is_an_error_at_the_start() {
    let routes = Routes::new("").route("/metrics", get(|| async { "mine".to_owned() }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime
        .block_on(Setup::of(routes).app().start())
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("A301") && text.contains("/metrics"), "{text}");
}

#[test]
fn readiness_begins_when_everything_has_started() {
    let gate = Arc::new(Notify::new());
    let open = Arc::clone(&gate);
    let (tell, told) = mpsc::channel();
    let slow = Module::new("slow")
        .invoke(move |lifecycle: Lifecycle| {
            lifecycle.on_start(move || async move { gate.notified().await });
        })
        .invoke(move |listening: Listening| {
            // the test waits for it
            let _ = tell.send(listening);
        });
    let app = setup().app().module(slow);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let starting = runtime.spawn(app.start());
    let listening = told.recv_timeout(Duration::from_secs(30)).unwrap();
    let address = runtime.block_on(listening.address());
    let mut client = Client::connect(address);
    assert_eq!(client.get("/livez").status, 200);
    for path in ["/startupz", "/readyz"] {
        let problem = client.get(path).problem(503, "unavailable");
        assert_eq!(problem["detail"], "the service is starting", "{path}");
    }
    open.notify_one();
    let running = runtime.block_on(starting).unwrap().unwrap();
    for path in ["/startupz", "/readyz"] {
        assert_eq!(client.get(path).status, 200, "{path}");
    }
    runtime.block_on(running.stop()).unwrap();
}
