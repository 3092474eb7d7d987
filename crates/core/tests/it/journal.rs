//! A list of what happened, in order, to be shared by hooks.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use atlas_core::Lifecycle;

#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn text(&self) -> String {
        self.entries().join(", ")
    }

    /// A hook that notes `what`.
    pub(crate) fn hook(
        &self,
        what: impl Into<String>,
    ) -> impl FnOnce() -> std::future::Ready<()> + Send + 'static {
        let (journal, what) = (self.clone(), what.into());
        move || {
            journal.note(what);
            std::future::ready(())
        }
    }

    /// Registers a start and a stop hook that note `+name` and `-name`.
    pub(crate) fn pair(&self, lifecycle: &Lifecycle, name: &str) {
        lifecycle.on_start(self.hook(format!("+{name}")));
        lifecycle.on_stop(self.hook(format!("-{name}")));
    }
}

/// Awaits with a limit that only a hang reaches.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(std::time::Duration::from_secs(20), future)
        .await
        .expect("this does not hang")
}
