//! Start along the graph, stop in reverse, and what happens when something fails.

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_core::{
    App, BoxError, Cause, Component, Diagnostic, Lifecycle, Module, Phase, Phases, Shutdown,
    StepKind,
};
use tokio::sync::{Barrier, Notify, oneshot};

use crate::journal::{Journal, soon};

macro_rules! components {
    ($($name:ident)*) => {
        $(#[derive(Clone)] struct $name; impl Component for $name {})*
    };
}
components!(A B C D);

/// Panics, as a function that returns nothing.
fn boom(words: &str) {
    panic!("{words}");
}

/// A ← B ← D and A ← C ← D, each with a pair of hooks.
fn diamond(journal: &Journal) -> Module {
    let [a, b, c, d] = [(); 4].map(|()| journal.clone());
    Module::new("diamond")
        .provide(move |l: Lifecycle| {
            a.pair(&l, "a");
            A
        })
        .provide(move |_: A, l: Lifecycle| {
            b.pair(&l, "b");
            B
        })
        .provide(move |_: A, l: Lifecycle| {
            c.pair(&l, "c");
            C
        })
        .provide(move |_: B, _: C, l: Lifecycle| {
            d.pair(&l, "d");
            D
        })
}

fn failing(start: impl FnOnce(&Lifecycle) + Send + 'static) -> Module {
    Module::new("failing").invoke(move |_: D, l: Lifecycle| start(&l))
}

#[tokio::test]
async fn start_follows_the_graph_and_stop_goes_back() {
    let journal = Journal::default();
    let running = App::new("t")
        .module(diamond(&journal))
        .expose::<D>()
        .start()
        .await
        .unwrap();
    soon(running.stop()).await.unwrap();
    let entries = journal.entries();
    let at = |what: &str| entries.iter().position(|entry| entry == what).unwrap();
    assert_eq!(entries.len(), 8);
    assert!(
        at("+a") < at("+b") && at("+a") < at("+c") && at("+b") < at("+d") && at("+c") < at("+d")
    );
    assert!(
        at("-d") < at("-b") && at("-d") < at("-c") && at("-b") < at("-a") && at("-c") < at("-a")
    );
}

#[tokio::test]
async fn independent_hooks_run_at_the_same_time_at_start_and_at_stop() {
    // Ten hooks that each wait for all ten can only finish together.
    let (starting, stopping) = (Arc::new(Barrier::new(10)), Arc::new(Barrier::new(10)));
    let mut module = Module::new("wide");
    for _ in 0..10 {
        let (starting, stopping) = (Arc::clone(&starting), Arc::clone(&stopping));
        module = module.invoke(move |lifecycle: Lifecycle| {
            lifecycle.on_start(move || async move {
                let _ = starting.wait().await;
            });
            lifecycle.on_stop(move || async move {
                let _ = stopping.wait().await;
            });
        });
    }
    let running = soon(App::new("t").module(module).start()).await.unwrap();
    soon(running.stop()).await.unwrap();
}

#[tokio::test]
async fn a_failing_start_hook_rolls_back_exactly_what_had_started() {
    let journal = Journal::default();
    let never = journal.clone();
    let app = App::new("t")
        .module(diamond(&journal))
        .module(failing(move |l| {
            l.on_stop(never.hook("-before"));
            l.on_start(|| async { Err("no") });
            never.pair(l, "after");
        }));
    let error = soon(app.start()).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), (Some("A102"), 1));
    let entries = journal.entries();
    assert_eq!(
        entries[..5]
            .iter()
            .filter(|entry| entry.starts_with('+'))
            .count(),
        4
    );
    assert_eq!(entries[4..6], ["-before", "-d"]);
    assert_eq!(entries.len(), 9, "{entries:?}");
    assert_eq!(error.rolled_back().count(), 5);
}

#[tokio::test]
async fn a_constructor_that_fails_closes_what_others_have_opened() {
    let journal = Journal::default();
    let (opened, waiting) = (journal.clone(), journal.clone());
    let module = Module::new("m")
        .provide(move |l: Lifecycle| {
            l.on_stop(opened.hook("closed"));
            A
        })
        .provide(move |_: A, l: Lifecycle| {
            waiting.pair(&l, "never");
            B
        })
        .provide(|_: B| Err::<C, _>("no"))
        .invoke(|_: C| {});
    let error = soon(App::new("t").module(module).start())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("A101"));
    assert_eq!(journal.text(), "closed");
    assert_eq!(error.rolled_back().count(), 1);
}

#[tokio::test]
async fn each_hook_has_its_own_deadline_and_others_are_not_affected() {
    let journal = Journal::default();
    let other = journal.clone();
    let module = Module::new("m")
        .invoke(|l: Lifecycle| l.limit(Duration::from_millis(30)).on_start(pending::<()>))
        .invoke(move |l: Lifecycle| other.pair(&l, "other"));
    let error = soon(App::new("t").module(module).start())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("did not finish within 30ms"),
        "{error}"
    );
    assert_eq!(journal.text(), "+other, -other");
}

#[tokio::test]
async fn the_whole_start_has_a_deadline_that_names_what_is_still_starting() {
    let module = Module::new("m").invoke(|l: Lifecycle| l.on_start(pending::<()>));
    let app = App::new("t")
        .module(module)
        .start_timeout(Duration::from_millis(30));
    let error = soon(app.start()).await.unwrap_err().to_string();
    assert!(
        error.contains("`t` did not start within 30ms; still starting: closure at"),
        "{error}"
    );
}

#[tokio::test]
async fn a_hook_may_register_what_undoes_it() {
    let journal = Journal::default();
    let noted = journal.clone();
    let module = Module::new("m").invoke(move |lifecycle: Lifecycle| {
        let later = lifecycle.clone();
        lifecycle.on_start(move || async move { later.on_stop(noted.hook("undone")) });
    });
    soon(App::new("t").module(module).start().await.unwrap().stop())
        .await
        .unwrap();
    assert_eq!(journal.text(), "undone");
}

#[tokio::test]
async fn a_stop_hook_that_hangs_or_panics_does_not_keep_others_from_stopping() {
    let journal = Journal::default();
    let module = diamond(&journal)
        .invoke(|_: D, l: Lifecycle| {
            l.limit(Duration::from_millis(30))
                .on_stop_named("hang", pending::<()>);
        })
        .invoke(|_: D, l: Lifecycle| l.on_stop_named("panic", || async { boom("oh no") }));
    let running = App::new("t").module(module).start().await.unwrap();
    let error = soon(running.stop()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("stop hook `hang` of") && text.contains("did not finish within 30ms"),
        "{text}"
    );
    assert!(
        text.contains("stop hook `panic` of") && text.contains("panicked: oh no"),
        "{text}"
    );
    assert_eq!((error.failures().len(), error.exit_code()), (2, 70));
    assert_eq!(journal.entries().len(), 8);
}

#[tokio::test]
async fn one_budget_bounds_all_stop_hooks() {
    let journal = Journal::default();
    let module = diamond(&journal)
        .invoke(|_: D, l: Lifecycle| l.limit(Duration::from_secs(3600)).on_stop(pending::<()>));
    let app = App::new("t")
        .module(module)
        .stop_timeout(Duration::from_millis(50));
    let running = app.start().await.unwrap();
    let error = soon(running.stop()).await.unwrap_err().to_string();
    assert!(
        error.contains("was cut off: the stop budget of 50ms is spent"),
        "{error}"
    );
    assert!(
        error.contains("was not run: the stop budget of 50ms is spent"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_blocks_its_thread_cannot_overrun_the_budget() {
    let module = Module::new("m").invoke(|l: Lifecycle| {
        l.on_stop(|| async { std::thread::sleep(Duration::from_secs(6)) });
    });
    let app = App::new("t")
        .module(module)
        .stop_timeout(Duration::from_millis(50));
    let running = app.start().await.unwrap();
    let began = Instant::now();
    let error = running.stop().await.unwrap_err().to_string();
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
    assert!(error.contains("was cut off"), "{error}");
}

#[tokio::test]
async fn a_panicking_constructor_hook_or_task_is_an_error_that_names_it() {
    let constructor = Module::new("m").invoke(|| boom("in a constructor"));
    let later = Module::new("m")
        .provide(async || -> A { panic!("in a future") })
        .invoke(|_: A| {});
    let hook = Module::new("m")
        .invoke(|l: Lifecycle| l.on_start_named("warm", || async { boom("in a hook") }));
    for (module, code, words) in [
        (constructor, "A101", "panicked: in a constructor"),
        (later, "A101", "`A`, made by closure at"),
        (hook, "A102", "start hook `warm` of closure at"),
    ] {
        let error = soon(App::new("t").module(module).start())
            .await
            .unwrap_err();
        assert_eq!((error.code(), error.exit_code()), (Some(code), 70));
        assert!(error.to_string().contains(words), "{error}");
    }
    let task =
        Module::new("m").invoke(|l: Lifecycle| l.spawn_named("loop", async |_| boom("in a task")));
    let error = soon(App::new("t").module(task).handle_signals(false).run())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("task `loop` of closure at"),
        "{error}"
    );
    assert!(error.to_string().contains("panicked: in a task"), "{error}");
    assert_eq!(error.exit_code(), 70);
}

#[tokio::test]
async fn a_task_that_dies_stops_the_app() {
    let journal = Journal::default();
    let die = Arc::new(Notify::new());
    let dies = Arc::clone(&die);
    let module = diamond(&journal).invoke(move |_: D, l: Lifecycle| {
        l.spawn_named("poller", async move |_| {
            dies.notified().await;
            Err("lost the broker")
        });
    });
    let running = App::new("t").module(module).start().await.unwrap();
    die.notify_one();
    let cause = soon(running.wait()).await;
    assert!(
        matches!(&cause, Cause::TaskEnded { task, error: Some(_) } if task.contains("`poller`")),
        "{cause}"
    );
    let error = soon(running.stop()).await.unwrap_err();
    assert!(
        error.to_string().contains("failed: lost the broker"),
        "{error}"
    );
    assert_eq!(journal.entries().len(), 8);
}

#[tokio::test]
async fn a_task_that_returns_too_early_stops_the_app() {
    let module = Module::new("m").invoke(|l: Lifecycle| l.spawn(async |_| {}));
    let error = soon(App::new("t").module(module).handle_signals(false).run())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ended before it was told to stop"),
        "{error}"
    );
}

#[tokio::test]
async fn a_task_is_told_to_stop_after_all_that_depend_on_it_have_stopped() {
    let journal = Journal::default();
    let (flusher, server) = (journal.clone(), journal.clone());
    let module = Module::new("m")
        .provide(move |l: Lifecycle| {
            l.spawn(async move |stop: Shutdown| {
                stop.triggered().await;
                flusher.note("flusher told");
            });
            A
        })
        .process("server", move |_: A, l: Lifecycle| {
            l.spawn(async move |stop: Shutdown| {
                stop.triggered().await;
                // Longer than it takes the flusher to notice, if it were told at the same time.
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                server.note("server drained");
            });
        });
    soon(App::new("t").module(module).start().await.unwrap().stop())
        .await
        .unwrap();
    assert_eq!(journal.text(), "server drained, flusher told");
}

#[tokio::test]
async fn phases_are_published_around_all_hooks() {
    let journal = Journal::default();
    let (seen, out) = (journal.clone(), oneshot::channel());
    let module =
        Module::new("m").invoke(move |phases: Phases, shutdown: Shutdown, l: Lifecycle| {
            let _ = out.0.send(phases.clone());
            let at = move |moment: &'static str| {
                let (seen, phases, shutdown) = (seen.clone(), phases.clone(), shutdown.clone());
                move || async move {
                    seen.note(format!(
                        "{moment} {:?} {}",
                        phases.now(),
                        shutdown.is_triggered()
                    ));
                }
            };
            l.on_start(at("start"));
            l.on_stop(at("stop"));
        });
    let running = App::new("t").module(module).start().await.unwrap();
    let mut phases = out.1.await.unwrap();
    assert_eq!(phases.now(), Phase::Started);
    assert_eq!(soon(phases.changed()).await, Phase::Started);
    soon(running.stop()).await.unwrap();
    assert_eq!(soon(phases.wait_for(Phase::Stopping)).await, Phase::Stopped);
    assert_eq!(journal.text(), "start Starting false, stop Stopping true");
}

#[tokio::test]
async fn any_component_may_end_the_app_with_an_exit_code() {
    let module = Module::new("m").invoke(|l: Lifecycle| {
        l.spawn(async |stop: Shutdown| {
            stop.request(7);
            stop.request(8);
            stop.triggered().await;
        });
    });
    let status = soon(App::new("t").module(module).handle_signals(false).run())
        .await
        .unwrap();
    assert_eq!(status.code(), 7);
}

#[tokio::test]
async fn a_request_during_start_rolls_back_and_ends_with_its_code() {
    let app = |journal: &Journal| {
        let module = diamond(journal).invoke(|_: D, shutdown: Shutdown, l: Lifecycle| {
            l.on_start(move || async move {
                shutdown.request(3);
                pending::<()>().await;
            });
        });
        App::new("t").module(module).handle_signals(false)
    };
    let journal = Journal::default();
    let error = soon(app(&journal).start()).await.unwrap_err();
    assert!(
        matches!(error.cause(), Some(Cause::Requested(3))),
        "{error}"
    );
    assert_eq!(journal.entries().len(), 8);
    assert_eq!(soon(app(&journal).run()).await.unwrap().code(), 3);
}

#[tokio::test]
async fn an_app_that_is_dropped_tells_its_tasks_to_stop() {
    let (told, was_told) = oneshot::channel();
    let module = Module::new("m").invoke(move |l: Lifecycle| {
        l.spawn(async move |stop: Shutdown| {
            stop.triggered().await;
            let _ = told.send(());
        });
    });
    drop(App::new("t").module(module).start().await.unwrap());
    soon(was_told).await.unwrap();
}

#[tokio::test]
async fn resolve_builds_what_is_asked_for_and_runs_no_hook_task_or_process() {
    let journal = Journal::default();
    let noted = journal.clone();
    let module = diamond(&journal)
        .process("p", || boom("no process"))
        .invoke(|| boom("no invoked function"))
        .provide(move |_: B, l: Lifecycle| {
            l.spawn(async move |_| noted.note("task"));
            Arc::<str>::from("built")
        });
    let text: Arc<str> = App::new("t").module(module).resolve().await.unwrap();
    assert_eq!((&*text, journal.text().as_str()), ("built", ""));
}

#[tokio::test]
async fn the_report_has_every_constructor_and_start_hook_the_slowest_first() {
    let module = Module::new("m").provide(|| A).invoke(|_: A, l: Lifecycle| {
        l.on_start_named("quick", || async {});
        l.on_start_named("slow", || tokio::time::sleep(Duration::from_millis(20)));
    });
    let running = App::new("t").module(module).start().await.unwrap();
    let report = running.report();
    let names: Vec<&str> = report.steps().iter().map(|step| step.name()).collect();
    assert_eq!(names.len(), 4);
    assert!(names[0].contains("`slow`"), "{names:?}");
    assert!(
        report
            .steps()
            .windows(2)
            .all(|pair| pair[0].took() >= pair[1].took())
    );
    assert_eq!(
        report
            .steps()
            .iter()
            .filter(|step| step.kind() == StepKind::Constructor)
            .count(),
        2
    );
    assert!(report.took() >= Duration::from_millis(20));
    assert!(report.to_string().starts_with("started in "));
    soon(running.stop()).await.unwrap();
}

#[tokio::test]
async fn a_diagnostic_in_the_chain_of_causes_gives_code_exit_code_and_advice() {
    #[derive(Debug)]
    struct Wrapped(Diagnostic);
    impl std::fmt::Display for Wrapped {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("cannot serve")
        }
    }
    impl std::error::Error for Wrapped {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let wrapped = || {
        Wrapped(
            Diagnostic::new("A201", "port 8080 is in use")
                .help("choose another")
                .exit(69),
        )
    };
    let module = Module::new("m").invoke(move |l: Lifecycle| {
        l.on_start(move || async move { Err::<(), BoxError>(Box::new(wrapped())) });
    });
    let error = soon(App::new("t").module(module).start())
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.exit_code()), (Some("A201"), 69));
    let text = error.to_string();
    assert!(
        text.starts_with("error[A201]: port 8080 is in use\n"),
        "{text}"
    );
    assert!(text.ends_with("\n   = help: choose another"), "{text}");
}
