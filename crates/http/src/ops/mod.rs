//! What operators and their machines ask: is it alive, is it ready, has it started, how is it doing.
//!
//! | path | answers | looks at |
//! | --- | --- | --- |
//! | `/livez` | 200 for as long as the process can answer at all | nothing |
//! | `/readyz` | 200 when requests are welcome, else 503 | the phase of the app and its critical health checks |
//! | `/startupz` | 200 once everything has started, before that 503 | the phase of the app |
//! | `/metrics` | the numbers, for Prometheus | |
//!
//! `?verbose` adds what was looked at, as JSON. The endpoints are on the port that serves requests, so that they prove
//! that very listener. They are not logged, and a dependency that hangs does not hang them: checks have their own
//! deadlines, their answers are kept for a second, and none is waited for longer than 500 ms.
//!
//! A process that serves no requests has them on an address of its own: [`probes`].

mod health;
mod module;
mod probe;

pub use self::module::probes;
pub(crate) use self::probe::{Ops, Probe};
