//! A real process with real signals.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::{Client, head};

/// The example `service` as a process; killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

fn command() -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    let mut command = Command::new(path.join("examples/service"));
    for (name, _) in std::env::vars() {
        if name.starts_with("ATLAS_") {
            command.env_remove(name);
        }
    }
    command
        .env("ATLAS_PROFILE", "test")
        .env("ATLAS_HTTP__PORT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Process {
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.envs(variables.iter().copied());
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("{line}{said}");
        };
        let address = address.parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end, and gives the exit code and how long it took.
    pub(crate) fn wait(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(40) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("the process does not end");
    }

    /// Waits until this many requests are being served.
    fn wait_for_requests(&self, count: usize) {
        // the one that asks is another
        let line = format!(
            r#"http_server_active_requests{{http_request_method="GET",url_scheme="http"}} {}"#,
            count + 1
        );
        for _ in 0..400 {
            if self
                .connect()
                .get("/metrics")
                .text()
                .lines()
                .any(|it| it == line)
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{count} requests never came up");
    }

    /// Waits until there is no listener any more.
    fn wait_until_closed(&self) {
        for _ in 0..4000 {
            if Client::try_connect(self.address).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("it still listens");
    }

    fn stderr(&mut self) -> String {
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether it holds in one of three goes, for times that a busy machine can spoil.
pub(crate) fn once_in_three(mut holds: impl FnMut() -> Result<(), Duration>) {
    let mut took = Vec::new();
    for _ in 0..3 {
        match holds() {
            Ok(()) => return,
            Err(it) => took.push(it),
        }
    }
    panic!("too slow three times: {took:?}");
}

/// D1
#[test]
fn an_idle_process_ends_within_a_second_of_sigterm() {
    once_in_three(|| {
        let mut process = Process::start(&[]);
        let mut idle = process.connect();
        assert_eq!(idle.get("/hello").status, 200);
        process.signal("TERM");
        let (code, took) = process.wait();
        assert_eq!(code, Some(0));
        if took < Duration::from_secs(1) {
            Ok(())
        } else {
            Err(took)
        }
    });
}

/// D2
#[test]
fn requests_in_flight_end_before_the_process_does() {
    once_in_three(|| {
        let mut process = Process::start(&[]);
        let mut clients: Vec<Client> = (0..10).map(|_| process.connect()).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.send(head("GET", &format!("/slow/{}", 1500 + number * 50), &[]));
        }
        process.wait_for_requests(10);
        process.signal("TERM");
        for client in &mut clients {
            assert_eq!(client.response("GET").text(), "done");
        }
        let (code, after) = process.wait();
        assert_eq!(code, Some(0));
        if after < Duration::from_millis(500) {
            Ok(())
        } else {
            Err(after)
        }
    });
}

/// D5
#[test]
fn a_second_signal_ends_the_process_at_once() {
    for (second, code) in [("TERM", Some(143)), ("INT", Some(130)), ("QUIT", None)] {
        let mut process = Process::start(&[]);
        let mut client = process.connect();
        client.send(head("GET", "/slow/60000", &[]));
        process.wait_for_requests(1);
        process.signal("TERM");
        process.wait_until_closed();
        process.signal(second);
        let (status, took) = process.wait();
        assert_eq!(status, code);
        // far from the minute that the request takes
        assert!(took < Duration::from_secs(30), "{took:?}");
        assert!(client.try_response("GET").is_err());
    }
}

/// D11
#[test]
fn a_stop_hook_that_hangs_is_named_and_the_others_run() {
    let mut process = Process::start(&[("SERVICE_HANGS", "1")]);
    assert_eq!(process.connect().get("/hello").status, 200);
    process.signal("TERM");
    let (code, took) = process.wait();
    assert_eq!(code, Some(1));
    assert!(took < Duration::from_secs(30), "{took:?}");
    let said = process.stderr();
    assert!(said.contains("A103"), "{said}");
    assert!(said.contains("hangs_at_stop"), "{said}");
    assert!(said.contains("the other one stopped"), "{said}");
}

/// D12
#[test]
fn not_ready_is_seen_for_the_whole_delay_before_the_listener_closes() {
    // what is missing of the delay is the time it took to look
    once_in_three(|| {
        let seen = not_ready_for("1500ms");
        if seen >= Duration::from_millis(1000) {
            Ok(())
        } else {
            Err(seen)
        }
    });
}

/// For how long a process with this delay is seen to be not ready before its listener closes.
fn not_ready_for(delay: &str) -> Duration {
    let mut process = Process::start(&[("ATLAS_HTTP__DRAIN_DELAY", delay)]);
    let address = process.address;
    process.signal("TERM");
    let mut not_ready = None;
    let closed = loop {
        let Ok(mut client) = Client::try_connect(address) else {
            break Instant::now();
        };
        let answer = client
            .try_send(head("GET", "/readyz", &[]))
            .and_then(|()| client.try_response("GET"));
        match answer {
            Ok(answer) if answer.status == 503 => {
                not_ready.get_or_insert_with(Instant::now);
            }
            Ok(answer) => {
                assert_eq!(answer.status, 200);
                assert!(not_ready.is_none(), "ready again");
            }
            // accepted by the system just before the listener closed
            Err(_) => break Instant::now(),
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(process.wait().0, Some(0));
    not_ready.map_or(Duration::ZERO, |since| closed - since)
}

#[test]
fn the_keyboard_does_not_wait_for_load_balancers() {
    let mut process = Process::start(&[("ATLAS_HTTP__DRAIN_DELAY", "30s")]);
    process.signal("INT");
    let (code, took) = process.wait();
    assert_eq!(code, Some(0));
    // far from the half minute of the delay
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
fn a_port_in_use_is_an_error_that_says_by_whom_and_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = command()
        .env("ATLAS_HTTP__PORT", port.to_string())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
    let said = String::from_utf8(output.stderr).unwrap();
    for part in [
        format!("error[A201]: port {port} on 127.0.0.1 is in use"),
        "--> http.port, from environment variable `ATLAS_HTTP__PORT`".to_owned(),
        format!("kill {}", std::process::id()),
        format!(
            "ATLAS_HTTP__PORT={}",
            port.checked_add(1).unwrap_or(port - 1)
        ),
    ] {
        assert!(said.contains(&part), "{part} is not in\n{said}");
    }
}

#[test]
fn an_address_of_another_machine_is_an_error_with_a_way_out() {
    let output = command()
        .env("ATLAS_HTTP__HOST", "192.0.2.1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("error[A201]: no network of this machine has the address 192.0.2.1"),
        "{said}"
    );
    assert!(said.contains("ATLAS_HTTP__HOST=0.0.0.0"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_socket_that_is_handed_over_stays_open_from_one_process_to_the_next() {
    use std::os::fd::OwnedFd;

    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let start = || {
        let mut command = command();
        let stdin = OwnedFd::from(socket.try_clone().unwrap());
        command
            .stdin(Stdio::from(stdin))
            .env("ATLAS_LISTEN", "stdin");
        Process::spawn(command)
    };
    let mut first = start();
    assert_eq!(first.address, address);
    assert_eq!(Client::connect(address).get("/hello").text(), "hello");
    first.signal("INT");
    assert_eq!(first.wait().0, Some(0));

    // sent while nobody is there, answered by the next
    let mut waiting = Client::connect(address);
    waiting.send(head("GET", "/hello", &[]));
    let _second = start();
    assert_eq!(waiting.response("GET").text(), "hello");
}

#[cfg(unix)]
#[test]
fn what_is_handed_over_must_be_a_socket() {
    let output = command().env("ATLAS_LISTEN", "stdin").output().unwrap();
    assert_eq!(output.status.code(), Some(69));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("error[A201]: standard input is not a listening socket"),
        "{said}"
    );
    assert!(said.contains("unset `ATLAS_LISTEN`"), "{said}");
}

/// As many as 5,000, or as this machine lets a process have.
#[cfg(target_os = "linux")]
#[test]
fn thousands_of_idle_sockets_do_not_keep_others_waiting() {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let files: usize = files
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(1024);
    let process = Process::start(&[]);
    let idle: Vec<Client> = (0..files.saturating_sub(100).min(5000))
        .map(|number| {
            let mut client = process.connect();
            if number % 2 == 0 {
                client.send("GET /hello HTTP/1.1\r\nHost: loc");
            }
            client
        })
        .collect();
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(process.connect().get("/hello").text(), "hello");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    let metrics = process.connect().get("/metrics").text();
    let open = metrics
        .lines()
        .find_map(|line| line.strip_prefix("atlas_http_server_connections "));
    let open: usize = open.unwrap().parse().unwrap();
    assert!(open >= idle.len(), "{open} of {} are open", idle.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_runs_out_of_files_serves_again_when_some_come_free() {
    let plain = command();
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -n 40; exec \"$0\""])
        .arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = Process::spawn(limited);
    let mut served: Vec<Client> = Vec::new();
    let flood: Vec<Client> = (0..60).map(|_| process.connect()).collect();
    // those that were accepted before the files ran out are served, and the process lives
    std::thread::sleep(Duration::from_millis(300));
    drop(flood);
    for _ in 0..5 {
        let mut client = process.connect();
        assert_eq!(client.get("/hello").text(), "hello");
        served.push(client);
    }
    let metrics = process.connect().get("/metrics").text();
    let errors = metrics
        .lines()
        .find_map(|line| line.strip_prefix("atlas_http_server_accept_errors_total "));
    assert_ne!(errors, Some("0"), "the files never ran out");
}
