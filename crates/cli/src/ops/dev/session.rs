//! The one thread that knows what is going on and decides what happens next.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Instant,
};

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};

use super::{
    Address, Options,
    event::Event,
    keys::Keys,
    outage::Outage,
    report::{News, Report, Source},
    saves::Saved,
    server::Server,
    watch::Watcher,
    wishes::open,
};
use crate::{
    Exit, OrFail, Printer, Result,
    ops::{process::Process, service::Project},
};

/// Develops the service until it is told to stop.
///
/// # Errors
/// When the address cannot be listened on (A201), the folder cannot be watched, or cargo is not there.
pub fn run(project: &Project, options: &Options, printer: Printer) -> Result<Exit> {
    let (sender, events) = channel();
    forward_signals(sender.clone())?;
    let mut session = Session::start(project, options, printer, sender)?;
    session.rebuild()?;
    let exit = session.follow(&events)?;
    session.report.tell(&News::Stopped);
    Ok(exit)
}

/// Everything that is going on.
pub(super) struct Session<'a> {
    pub(super) project: &'a Project,
    pub(super) options: &'a Options,
    pub(super) report: Report,
    pub(super) sender: Sender<Event>,
    pub(super) watcher: Watcher,
    pub(super) address: Address,
    pub(super) listener: TcpListener,
    /// Counts builds, servers and pages.
    pub(super) number: u64,
    pub(super) build: Option<(u64, Process, Instant)>,
    /// What the last good build made; `None` while it is out of date.
    pub(super) binary: Option<PathBuf>,
    pub(super) server: Option<(u64, Server)>,
    /// Whether a server shall run as soon as there is a binary and its predecessor is gone.
    pub(super) wanted: bool,
    pub(super) outage: Option<Outage>,
    pub(super) tests: Option<Process>,
    pub(super) saved: Saved,
    pub(super) keys: Option<Keys>,
    /// The status to end with, once everything is being stopped.
    pub(super) stopping: Option<Exit>,
}

impl<'a> Session<'a> {
    fn start(
        project: &'a Project,
        options: &'a Options,
        printer: Printer,
        sender: Sender<Event>,
    ) -> Result<Self> {
        let report = Report::new(printer, &project.name);
        let mut address = address(project, options);
        let listener = address.listen()?;
        address.port = listener
            .local_addr()
            .or_fail(|| "cannot tell the port")?
            .port();
        let watcher = Watcher::new(&project.root, sender.clone())?;
        let url = address.url();
        report.tell(&News::Listening {
            version: 1,
            url: &url,
        });
        if options.open {
            open(&report, &url);
        }
        let keys = options.keys.then(|| Keys::start(sender.clone())).flatten();
        if keys.is_some() {
            report.say(Source::Dev, "keys: r restart, t test, o open, q quit");
        }
        Ok(Self {
            project,
            options,
            report,
            sender,
            watcher,
            address,
            listener,
            keys,
            number: 0,
            build: None,
            binary: None,
            server: None,
            wanted: false,
            outage: None,
            tests: None,
            saved: Saved::default(),
            stopping: None,
        })
    }

    /// Reacts to events until nothing of ours runs any more.
    fn follow(&mut self, events: &Receiver<Event>) -> Result<Exit> {
        loop {
            if let (Some(exit), None) = (self.stopping, &self.server) {
                return Ok(exit);
            }
            let deadlines = [
                self.saved.act,
                self.server
                    .as_ref()
                    .and_then(|(_, server)| server.deadline()),
            ];
            let event = match deadlines.into_iter().flatten().min() {
                Some(deadline) => {
                    match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                        Ok(event) => Some(event),
                        Err(RecvTimeoutError::Timeout) => None,
                        Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Internal),
                    }
                }
                None => match events.recv() {
                    Ok(event) => Some(event),
                    Err(_) => return Ok(Exit::Internal),
                },
            };
            if let Some(event) = event {
                self.react(event)?;
            }
            if self.saved.act.is_some_and(|act| act <= Instant::now()) {
                self.act_on_saves()?;
            }
            if let Some((_, server)) = &mut self.server {
                server.enforce(&self.report);
            }
        }
    }

    fn react(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Saved(paths) => self.note_saves(&paths),
            Event::WatchFailed(error) => {
                self.report.say(
                    Source::Dev,
                    &format!("the file watcher missed something ({error}); press r to rebuild"),
                );
            }
            Event::Built { number, outcome } => self.built(number, outcome)?,
            Event::Ended { number, status } => self.ended(number, status)?,
            Event::Tested { status } => {
                self.tests = None;
                self.report.tell(&News::TestsEnded {
                    passed: status.success(),
                });
            }
            Event::Signal(SIGCONT) => {
                if let Some(keys) = &self.keys {
                    keys.apply();
                }
            }
            Event::Signal(signal) => {
                self.stop(Exit::Status(u8::try_from(128 + signal).unwrap_or(130)));
            }
            Event::Key(key) => self.key(key)?,
        }
        Ok(())
    }

    /// Ends everything: the first time in peace, the second time at once and with `forced` as the status.
    pub(super) fn stop(&mut self, forced: Exit) {
        if self.stopping.is_none() {
            self.stopping = Some(Exit::Success);
            self.report.tell(&News::Stopping);
            self.build = None;
            self.tests = None;
            self.outage = None;
            if let Some((_, server)) = &mut self.server {
                server.stop();
            }
        } else {
            self.stopping = Some(forced);
            if let Some((_, server)) = &self.server {
                server.kill();
            }
        }
    }

    /// A number nothing had before.
    pub(super) fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}

/// Where to listen, by the settings as they are now.
pub(super) fn address(project: &Project, options: &Options) -> Address {
    let mut address = Address::configured(&project.root, options.profile.as_deref());
    if let Some(port) = options.port {
        address.port = port;
        address.origin = "--port".to_owned();
    }
    address
}

/// Turns signals into events; the third one ends the process even if it is stuck.
fn forward_signals(sender: Sender<Event>) -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGCONT])
        .or_fail(|| "cannot listen to signals")?;
    std::thread::spawn(move || {
        let mut asked = 0;
        for signal in signals.forever() {
            asked += u8::from(signal != SIGCONT);
            if asked > 2 || sender.send(Event::Signal(signal)).is_err() {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    });
    Ok(())
}
