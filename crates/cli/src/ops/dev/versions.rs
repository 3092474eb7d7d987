//! One version of the service after another: build, start, end, and what is told in between.

use std::{process::ExitStatus, time::Instant};

use super::{
    build::{self, Outcome},
    event::Event,
    outage::Outage,
    page::Page,
    report::{News, Source},
    server::Server,
    session::{Session, address},
};
use crate::{OrFail, Result, ops::cargo};

impl Session<'_> {
    /// Stops the running version and builds the next, at the same time.
    pub(super) fn rebuild(&mut self) -> Result<()> {
        self.outage = None;
        self.binary = None;
        self.wanted = true;
        if let Some((_, server)) = &mut self.server {
            server.stop();
        }
        // Dropping an unfinished build ends it: what it was building is out of date.
        self.build = None;
        self.report.tell(&News::Building);
        let number = self.next();
        let sender = self.sender.clone();
        let process = build::start(self.project, &self.report, move |outcome| {
            let _ = sender.send(Event::Built { number, outcome });
        })
        .map_err(cargo::not_there)?;
        self.build = Some((number, process, Instant::now()));
        Ok(())
    }

    /// Starts what was built, or tells why there is nothing to start.
    pub(super) fn built(&mut self, number: u64, outcome: Outcome) -> Result<()> {
        let Some((_, _, began)) = self.build.take_if(|(current, ..)| *current == number) else {
            return Ok(());
        };
        if self.stopping.is_some() {
            return Ok(());
        }
        self.watcher.follow(outcome.sources);
        match outcome.binary {
            Ok(path) => {
                self.report.tell(&News::Built {
                    seconds: began.elapsed().as_secs_f64(),
                });
                self.binary = Some(path);
                self.start_server()
            }
            Err(text) => {
                self.wanted = false;
                self.report.tell(&News::BuildFailed {
                    text: &super::ansi::plain(&text),
                });
                self.explain(
                    format!("{} does not build", self.project.name),
                    "dev.build_failed",
                    text,
                )
            }
        }
    }

    /// Starts the built binary anew, on another address if that has changed.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.listen_anew();
        if self.binary.is_none() {
            // A build is running and will start with the new settings, or has failed and needs other changes first.
            return Ok(());
        }
        self.outage = None;
        self.wanted = true;
        if let Some((_, server)) = &mut self.server {
            server.stop();
        }
        self.start_server()
    }

    /// Follows a changed address; stays where it is when that is not possible.
    fn listen_anew(&mut self) {
        if self.options.port.is_some() {
            return;
        }
        let mut address = address(self.project, self.options);
        if (&address.host, address.port) == (&self.address.host, self.address.port)
            || address.port == 0
        {
            return;
        }
        match address.listen() {
            Ok(listener) => {
                address.port = listener
                    .local_addr()
                    .map_or(address.port, |local| local.port());
                self.listener = listener;
                self.address = address;
                self.report.tell(&News::Listening {
                    version: 1,
                    url: &self.address.url(),
                });
            }
            Err(error) => self.report.say(
                Source::Dev,
                &format!("still listening on {}\n{error}", self.address.url()),
            ),
        }
    }

    /// Starts the binary, if one is wanted, there is one, and its predecessor is gone.
    fn start_server(&mut self) -> Result<()> {
        let (true, None, Some(binary)) = (self.wanted, &self.server, self.binary.clone()) else {
            return Ok(());
        };
        if self.saved.need.is_some() {
            // Out of date already; what follows the save will start what is new.
            return Ok(());
        }
        self.wanted = false;
        let number = self.next();
        let sender = self.sender.clone();
        let socket = (&self.listener, &self.address);
        let started = Server::start(
            &binary,
            self.project,
            self.options,
            socket,
            &self.report,
            move |status| {
                let _ = sender.send(Event::Ended { number, status });
            },
        );
        match started {
            Ok(server) => {
                self.report.tell(&News::Started { pid: server.id() });
                self.server = Some((number, server));
                Ok(())
            }
            Err(error) => {
                let text = format!("cannot start `{}`: {error}", binary.display());
                self.report.tell(&News::Died { status: &text });
                self.explain(
                    format!("{} does not start", self.project.name),
                    "dev.service_ended",
                    text,
                )
            }
        }
    }

    /// Takes note that a version is gone: its successor may start, or nobody asked it to go.
    pub(super) fn ended(&mut self, number: u64, status: ExitStatus) -> Result<()> {
        let Some((_, server)) = self.server.take_if(|(current, _)| *current == number) else {
            return Ok(());
        };
        if server.deadline().is_some() {
            self.report.tell(&News::Ended {
                status: &status.to_string(),
            });
            return if self.stopping.is_some() {
                Ok(())
            } else {
                self.start_server()
            };
        }
        self.report.tell(&News::Died {
            status: &status.to_string(),
        });
        let text = format!("{}\n{status}", server.last_lines());
        self.explain(
            format!("{} ended", self.project.name),
            "dev.service_ended",
            text,
        )
    }

    /// Answers clients until the next version is on its way.
    fn explain(&mut self, title: String, code: &'static str, text: String) -> Result<()> {
        let page = Page {
            number: self.next(),
            title,
            code,
            text,
        };
        self.outage = Some(
            Outage::start(&self.listener, page)
                .or_fail(|| "cannot answer in place of the service")?,
        );
        Ok(())
    }
}
