//! A server of one test's own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::absent::Absent;
use crate::address::Address;
use crate::engine::{self, Installed, Start};
use crate::keeper;
use crate::kind::Kind;
use crate::launch;
use crate::options::Options;
use crate::place;
use crate::process;
use crate::replica::Replica;
use crate::wire::Rows;

/// A server with a folder and a port of its own, which a test may kill, freeze and bring back.
///
/// Dropping it ends it and removes its data; so does the end of the test's process, however it comes.
///
/// ```no_run
/// # fn main() -> Result<(), atlas_servers::Absent> {
/// use atlas_servers::{Kind, Server};
///
/// let server = Server::start(Kind::Postgres)?;
/// server.kill();                                  // as `kill -9`, with all of its children
/// server.start_again().expect("it recovers");     // on the same port, with what was committed
/// # Ok(())
/// # }
/// ```
pub struct Server {
    installed: Installed,
    home: PathBuf,
    port: u16,
    number: u32,
    options: Options,
    child: Mutex<Option<Child>>,
}

impl Server {
    /// Starts a server with the usual [`Options`].
    ///
    /// # Errors
    /// [`Absent`] when its programs are not installed; [wrong](Absent::is_wrong) when they do not work.
    pub fn start(kind: Kind) -> Result<Self, Absent> {
        Self::start_with(kind, Options::new())
    }

    /// Starts a server.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(kind: Kind, options: Options) -> Result<Self, Absent> {
        let installed = engine::find(kind).map_err(|why| Absent::none(kind, vec![why]))?;
        Self::fresh(installed, options, 1, |installed, home| {
            installed.fill(home)
        })
        .map_err(|why| Absent::wrong(kind, why))
    }

    /// A server whose data `fill` brings.
    pub(crate) fn fresh(
        installed: Installed,
        options: Options,
        number: u32,
        fill: impl FnOnce(&Installed, &Path) -> Result<(), String>,
    ) -> Result<Self, String> {
        let root = match options.flushed {
            true => place::root()?,
            false => place::quick_root()?,
        };
        let folder = root.join("private");
        place::folder(&folder)?;
        let home = folder.join(format!(
            "{}-{}",
            installed.kind.word(),
            place::unique_home()
        ));
        place::folder(&home)?;
        let mut server = Self {
            port: 0,
            number,
            options,
            child: Mutex::new(None),
            installed,
            home,
        };
        keeper::register(&server.home)?;
        keeper::start(&server.home, 1)?;
        server.installed.own(&server.home)?;
        fill(&server.installed, &server.home)?;
        let (child, port) =
            launch::first(&server.installed, &server.home, &server.options, number)?;
        *server.child() = Some(child);
        server.port = port;
        Ok(server)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.installed.kind
    }

    /// Where it is, running or not.
    pub fn address(&self) -> Address {
        Address::local(self.kind(), "127.0.0.1", self.port)
    }

    /// The URL of a database, for a user who may create databases but not change a replica.
    pub fn url_of(&self, database: &str) -> String {
        self.address().url_of(database)
    }

    /// The URL of the database that is always there, for a user who may do everything.
    pub fn admin_url(&self) -> String {
        self.address().admin_url()
    }

    /// The port on `127.0.0.1`; the same for its whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its folder: `data` is the database, `log` what it says.
    pub fn folder(&self) -> &Path {
        &self.home
    }

    /// The id of its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child().as_ref().map(Child::id)
    }

    /// Runs statements as the administrator; rows are text.
    ///
    /// # Errors
    /// What the server says, or that it does not answer.
    pub fn run(&self, sql: &str) -> Result<Rows, String> {
        self.address().run(sql)
    }

    /// Kills it as `kill -9` would, its children with it, and waits until it is gone.
    pub fn kill(&self) {
        // the lock is not held while it dies
        let child = self.child().take();
        if let Some(child) = child {
            process::kill(child);
        }
    }

    /// Asks it to end now, its connections with it, and waits until it has; after 10 seconds it is killed.
    pub fn stop(&self) {
        let Some(pid) = self.pid() else { return };
        // PostgreSQL waits for its clients after TERM, and not after INT
        let signal = match self.kind() {
            Kind::Postgres => Signal::INT,
            Kind::MariaDb | Kind::MySql | Kind::Redis => Signal::TERM,
        };
        process::signal(pid, Signal::CONT);
        process::signal(pid, signal);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            let mut child = self.child();
            let ended = match child.as_mut() {
                Some(child) => !matches!(child.try_wait(), Ok(None)),
                None => true,
            };
            if ended {
                *child = None;
                return;
            }
            drop(child);
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
    }

    /// Starts it again after [`kill`](Self::kill) or [`stop`](Self::stop), on the same port and with its data.
    ///
    /// # Errors
    /// Its last words, when it does not come up.
    pub fn start_again(&self) -> Result<(), String> {
        if self.pid().is_some() {
            return Ok(());
        }
        let began = Instant::now();
        loop {
            let failed = match self.try_start() {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            // what is left of a killed server may hold its files for a moment, and its port somebody who is just leaving
            if began.elapsed() > Duration::from_secs(60) {
                return Err(format!("{} does not start: {failed}", self.kind()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn try_start(&self) -> Result<(), String> {
        let start = Start {
            home: &self.home,
            port: self.port,
            options: &self.options,
            number: self.number,
        };
        let child = launch::at(&self.installed, &start).map_err(|why| why.to_string())?;
        *self.child() = Some(child);
        Ok(())
    }

    /// Freezes it: connections stay open and nothing answers, until [`resume`](Self::resume).
    pub fn pause(&self) {
        if let Some(pid) = self.pid() {
            process::signal(pid, Signal::STOP);
            for child in process::children(pid) {
                process::signal(child, Signal::STOP);
            }
        }
    }

    /// Lets a frozen one go on.
    pub fn resume(&self) {
        if let Some(pid) = self.pid() {
            for child in process::children(pid) {
                process::signal(child, Signal::CONT);
            }
            process::signal(pid, Signal::CONT);
        }
    }

    /// A standby that streams from this server, which must have been started [replicated](Options::replicated); it has all
    /// that is committed here already.
    ///
    /// # Errors
    /// [`Absent`], always [wrong](Absent::is_wrong): the server is there, the standby failed.
    pub fn standby(&self) -> Result<Replica, Absent> {
        Replica::of(self).map_err(|why| Absent::wrong(self.kind(), why))
    }

    pub(crate) fn installed(&self) -> &Installed {
        &self.installed
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("kind", &self.kind())
            .field("port", &self.port)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}
