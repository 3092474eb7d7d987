//! `atlas dev`: build, run, watch, and never refuse a request in between.
//!
//! The listening socket belongs to `atlas dev` and outlives every version of the service, which inherits it as
//! its stdin. On a save the running version is asked to stop while cargo already builds the next one; connections
//! that arrive meanwhile wait in the socket's backlog and the new version answers them. While there is nothing that
//! could answer them soon (the build failed, the service died) `atlas dev` accepts them itself and says why, see
//! `Outage`.
//!
//! One thread owns all state (`Session`); others only send it `Event`s.
//!
//! No process is left behind: every child leads a process group that is killed when its leader ends, and a service
//! ends by itself when the process named in `ATLAS_DEV_PARENT` is no longer its parent.

mod address;
mod ansi;
mod browser;
mod build;
mod event;
mod keys;
mod options;
mod outage;
mod page;
mod report;
mod request;
mod saves;
mod server;
mod session;
mod versions;
mod watch;
mod wishes;

pub use self::{
    address::{Address, is_free},
    options::Options,
    session::run,
};
