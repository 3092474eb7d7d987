//! How many statements a request takes.

use std::panic::AssertUnwindSafe;

use atlas::db::Engine;
use atlas_test::TestApp;

use crate::database::{fresh, on_every_engine};
use crate::notes;

on_every_engine! {
    async fn statements_are_counted(engine: Engine) {
        let Some(probe) = fresh(engine, Vec::new()).await else { return };
        probe.remove().await;
        let app = TestApp::builder(notes::app()).database(engine).start().await;
        let answer = app.assert_queries(1, async { app.get("/notes/1").await }).await;
        answer.ok();
        let (_, queries) = app.queries(async { app.get("/notes/7").await.status(404) }).await;
        assert_eq!(queries.count(), 1);
        assert!(queries.texts()[0].starts_with("SELECT"), "{queries:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_asks_once_a_row_fails_the_test_and_is_named() {
    let app = TestApp::start(notes::app()).await;
    let once_a_row = async {
        for _ in 0..3 {
            app.get("/notes/1").await.ok();
        }
    };
    let checked = AssertUnwindSafe(app.assert_queries(1, once_a_row));
    let failure = catch(checked).await.expect_err("three are not one");
    for part in [
        "expected 1 statements, found 3",
        "help: 3 times, perhaps once a row: SELECT",
        "queries.rs:",
    ] {
        assert!(failure.contains(part), "no {part:?} in\n{failure}");
    }
    app.stop().await;
}

/// The words of a panic.
async fn catch<T>(work: AssertUnwindSafe<impl Future<Output = T>>) -> Result<T, String> {
    let mut work = Box::pin(work.0);
    std::future::poll_fn(move |context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        match polled {
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Ok(std::task::Poll::Ready(value)) => std::task::Poll::Ready(Ok(value)),
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                std::task::Poll::Ready(Err(words.unwrap_or_default()))
            }
        }
    })
    .await
}
