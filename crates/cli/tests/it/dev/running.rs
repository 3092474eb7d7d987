//! An `atlas dev` that runs, what it tells, and clients of its socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;

use crate::support::{Fixture, PATIENCE};

/// `atlas dev --json` with its events.
pub(crate) struct Dev {
    child: Child,
    events: Receiver<Value>,
    /// `host:port`.
    pub(crate) address: String,
}

impl Dev {
    /// Starts it on a free port and waits until the socket is there.
    pub(crate) fn start(fixture: &Fixture) -> Self {
        Self::start_with(fixture, &["dev", "--json", "--port", "0"])
    }

    pub(crate) fn start_with(fixture: &Fixture, arguments: &[&str]) -> Self {
        Self::run(&mut fixture.atlas(arguments))
    }

    /// Runs this `atlas dev --json`.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in out.lines() {
                let event = serde_json::from_str(&line.unwrap()).unwrap();
                println!("{event}");
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        let mut dev = Self {
            child,
            events,
            address: String::new(),
        };
        let listening = dev.wait("listening");
        assert_eq!(listening["version"], 1);
        dev.address = listening["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .to_owned();
        dev
    }

    /// The next event of this name; those before it are passed over.
    pub(crate) fn wait(&self, name: &str) -> Value {
        self.until(name).pop().unwrap()
    }

    /// All events up to and with the next one of this name.
    pub(crate) fn until(&self, name: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        loop {
            let event = self
                .events
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("no `{name}` after {seen:#?}"));
            let found = event["event"] == name;
            seen.push(event);
            if found {
                return seen;
            }
        }
    }

    /// Waits until there was an event of each of these names.
    pub(crate) fn wait_all(&self, names: &[&str]) {
        let mut missing = names.to_vec();
        while !missing.is_empty() {
            let event = self
                .events
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("no {missing:?}"));
            missing.retain(|name| event["event"] != *name);
        }
    }

    /// The next line of the service's output that contains `text`.
    pub(crate) fn wait_log(&self, text: &str) -> String {
        loop {
            let log = self.wait("log");
            if log["line"].as_str().unwrap().contains(text) {
                return log["line"].as_str().unwrap().to_owned();
            }
        }
    }

    pub(crate) fn id(&self) -> u64 {
        u64::from(self.child.id())
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// `GET path`, whose answer may take its time.
    pub(crate) fn get(&self, path: &str, accept: &str) -> Answer {
        let mut client = self.ask(path, accept);
        Answer::read(&mut client)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(&self.address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client
    }

    /// Sends a request and does not wait for the answer.
    pub(crate) fn ask(&self, path: &str, accept: &str) -> TcpStream {
        let mut client = self.connect();
        // In one piece: the service of the tests reads once.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n",
            self.address
        );
        client.write_all(request.as_bytes()).unwrap();
        client
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal("TERM");
            self.child.wait().unwrap();
        }
    }
}

/// An HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn read(client: &mut TcpStream) -> Self {
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

/// Whether `client` has got nothing yet, and gets nothing for a while either.
pub(crate) fn waits(client: &mut TcpStream) -> bool {
    client
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let waits = client
        .peek(&mut [0])
        .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    waits
}
