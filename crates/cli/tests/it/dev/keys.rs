//! Keys on a terminal; `script` gives one.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
};

use crate::support::{Fixture, PATIENCE, binary};

/// `atlas dev` on a terminal of its own, between two prints of the terminal's settings.
struct Terminal {
    child: Child,
    lines: Receiver<String>,
}

impl Terminal {
    fn start(fixture: &Fixture, arguments: &str) -> Self {
        // A key's signal goes to the shell too; without a trap `dash` would end before it prints the status.
        let line = format!(
            "trap : INT; stty -g; {} dev --port 0 {arguments}; echo status $?; stty -g",
            binary().display()
        );
        let mut child = Command::new("script")
            .args(["--quiet", "--flush", "--command", &line, "/dev/null"])
            .current_dir(fixture.path())
            .env("BROWSER", fixture.path().join("browser"))
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("NO_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                println!("{line}");
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    fn press(&mut self, key: &str) {
        let keys = self.child.stdin.as_mut().unwrap();
        keys.write_all(key.as_bytes()).unwrap();
        keys.flush().unwrap();
    }

    /// The next line that contains `text`.
    fn wait(&self, text: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("no line with `{text}`"));
            if line.contains(text) {
                return line.trim_end().to_owned();
            }
        }
    }

    fn next(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .unwrap()
            .trim_end()
            .to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The terminal hangs up, and `atlas dev` with it.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn keys_restart_test_open_and_quit_and_the_terminal_is_as_before() {
    let echo = Fixture::new();
    echo.write(
        "browser",
        "#!/bin/sh\necho \"$1\" > opened.new && mv opened.new opened\n",
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(
        echo.path().join("browser"),
        PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let mut terminal = Terminal::start(&echo, "");
    let before = terminal.next();
    let listening = terminal.wait("listening on");
    terminal.wait("keys: r restart, t test, o open, q quit");
    let started = terminal.wait("started echo");
    assert!(
        listening.contains("\x1b["),
        "colours on a terminal: {listening:?}"
    );

    terminal.press("o");
    crate::support::eventually("the browser", || echo.path().join("opened").exists());
    assert!(
        listening.contains(echo.read("opened").trim()),
        "{listening:?}"
    );

    terminal.press("r");
    assert_ne!(terminal.wait("started echo"), started, "another process");

    terminal.press("t");
    terminal.wait("two_and_two_is_four");
    terminal.wait("passed");

    terminal.press("q");
    assert_eq!(terminal.wait("status "), "status 0");
    assert_eq!(terminal.next(), before);
}

#[test]
fn control_c_is_a_signal_as_ever_and_leaves_the_terminal_as_before() {
    let echo = Fixture::new();
    let mut terminal = Terminal::start(&echo, "");
    let before = terminal.next();
    terminal.wait("started echo");
    terminal.press("\x03");
    assert_eq!(terminal.wait("status "), "status 0");
    assert_eq!(terminal.next(), before);
}

#[test]
fn no_keys_are_read_when_input_is_not_wanted() {
    let echo = Fixture::new();
    let mut terminal = Terminal::start(&echo, "--no-input");
    let before = terminal.next();
    terminal.wait("started echo");
    terminal.press("q\n");
    echo.answers("two");
    terminal.wait("started echo");
    terminal.press("\x03");
    assert_eq!(terminal.wait("status "), "status 0");
    assert_eq!(terminal.next(), before);
}
