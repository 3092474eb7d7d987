//! Transactions: everything that runs inside one joins it by itself.
//!
//! A task-local variable carries the transaction, so that no signature has to: a use case opens it, the repositories it
//! calls use their own handle as always, and their statements run on the transaction's connection. A task *spawned*
//! inside does not inherit it. Transactions inside transactions are savepoints; they end in the order of nesting, and two
//! of them side by side inside the same outer one are refused.

mod fault;
mod handle;
mod hooks;
mod line;
mod options;
mod retry;
mod run;
mod scope;
mod session;
mod shield;
mod text;

pub(crate) use self::{
    fault::Fault,
    hooks::Hook,
    options::Begin,
    run::{begin, savepoint},
    scope::joined,
    session::{Joined, Session},
};
pub use self::{handle::Transaction, hooks::Outcome, options::TransactionOptions};
