//! What jobs say when a service cannot start.

use atlas_core::Diagnostic;

use crate::{Error, config::StoreKind, store::Store};

const UNAVAILABLE: u8 = 69;
const CONFIGURATION: u8 = 78;

/// A420: the configured store is none that this app has.
pub(crate) fn no_store(asked: StoreKind, lacks: &str, help: &str) -> Diagnostic {
    let name = asked.name();
    Diagnostic::new("A420", format!("jobs cannot be kept in `{name}`: {lacks}"))
        .place(format!("jobs.store = {name}"))
        .help(help)
        .help("or choose another one: `auto`, `memory`, `database` or `redis`")
        .exit(CONFIGURATION)
}

/// A420: the app has nothing to keep an outbox in.
pub(crate) fn no_outbox(lacks: &str, help: &str) -> Diagnostic {
    Diagnostic::new(
        "A420",
        format!("jobs cannot go through an outbox: {lacks}"),
    )
    .place("jobs.outbox = true")
    .help(help)
    .help("or set `jobs.outbox = false`: a job that is enqueued in a transaction is then there at once, whatever becomes of that")
    .exit(CONFIGURATION)
}

/// A421: the store cannot be used now.
pub(crate) fn unusable(store: &dyn Store, error: Error) -> Diagnostic {
    let name = store.name();
    let help = match error.is_transient() {
        true => {
            "see to it that it runs and can be reached from here; nothing that was enqueued is lost"
        }
        false => "what it said stands above",
    };
    Diagnostic::new(
        "A421",
        format!("the store of jobs `{name}` cannot be used: {error}"),
    )
    .help(help)
    .exit(UNAVAILABLE)
    .source(error)
}
