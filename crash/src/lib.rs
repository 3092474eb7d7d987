//! Proofs by real crashes.
//!
//! A case starts processes of the program `crash-worker` against a real store, hurts them (SIGKILL, SIGSTOP, a killed
//! server, a cut wire), and then holds what they have written down against what must be true whatever happened.
//!
//! - [`Process`] is such a process: killed for real, frozen for real, and gone when the case is.
//! - A [`Ledger`] is what each process writes down, line by line, into a file of its own that survives it.
//! - [`failpoint`] kills a process from within at a named step.
//! - A [`Proxy`] is the wire between them and a server: slow, silent, torn, and it counts who connects.
//! - A [`WrongClock`] is what a process is shown instead of the time.
//! - [`say_warnings`] lets a process say what its crates warn of.
//! - A [`Seed`] decides everything random of a case; it is printed when the case fails, and can be given again.
//!
//! Nothing of it but [`jobs`] knows what the processes do; events and others can use the rest as it is.
mod clock;
mod failing;
pub mod failpoint;
pub mod jobs;
mod ledger;
mod process;
mod proxy;
mod seed;
mod words;

pub use self::{
    clock::{WrongClock, now},
    failing::Failing,
    ledger::{Ledger, Line, lines},
    process::{Ended, Process},
    proxy::Proxy,
    seed::{Seed, seeds},
    words::say_warnings,
};
