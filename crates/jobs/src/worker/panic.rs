//! Panics of handlers, with the place that they came from.

use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    panic::{self, AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Once,
    task::Poll,
};

use crate::catch;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FOUND: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// What a panic left behind.
pub(super) struct Panic {
    pub(super) message: String,
    pub(super) backtrace: Option<String>,
}

/// Runs a future; if it panics, the error is what the panic said, and where it happened.
pub(super) async fn caught<F: Future>(future: F) -> Result<F::Output, Panic> {
    HOOK.call_once(watch);
    let mut future = pin!(future);
    poll_fn(|context| {
        let before = WATCHED.replace(true);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        WATCHED.set(before);
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(Panic {
                message: catch::words(&*panic),
                backtrace: FOUND.take(),
            })),
        }
    })
    .await
}

/// Keeps the backtrace of what panics while it is watched; whatever hook there was is called as before.
fn watch() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if WATCHED.get() {
            let place = info.location().map(|it| format!("at {it}\n"));
            let backtrace = Backtrace::force_capture();
            FOUND.set(Some(format!("{}{backtrace}", place.unwrap_or_default())));
        }
        before(info);
    }));
}
