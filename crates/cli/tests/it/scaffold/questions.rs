//! Questions on a terminal; `script` gives one.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
};

use super::place::Place;
use crate::support::{PATIENCE, binary};

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";

/// `atlas` on a terminal of its own.
struct Terminal {
    child: Child,
    pieces: Receiver<String>,
    seen: String,
}

impl Terminal {
    fn start(folder: &Path, arguments: &str) -> Self {
        let line = format!("{} {arguments}; echo status $?", binary().display());
        let mut child = Command::new("script")
            .args(["--quiet", "--flush", "--command", &line, "/dev/null"])
            .current_dir(folder)
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let (sender, pieces) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut buffer) {
                let _ = sender.send(String::from_utf8_lossy(&buffer[..count]).into_owned());
            }
        });
        Self {
            child,
            pieces,
            seen: String::new(),
        }
    }

    /// Waits for words on the screen, then presses keys.
    fn answer(&mut self, words: &str, keys: &str) {
        self.wait(words);
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Waits for words on the screen, behind those that were waited for before.
    fn wait(&mut self, words: &str) {
        while !self.seen.contains(words) {
            let piece = self.pieces.recv_timeout(PATIENCE);
            let piece = piece.unwrap_or_else(|_| panic!("no `{words}` in\n{}", self.seen));
            self.seen.push_str(&piece);
        }
        let at = self.seen.find(words).unwrap() + words.len();
        self.seen.drain(..at);
    }

    fn ends_with(mut self, status: u8) {
        self.wait(&format!("status {status}"));
        self.child.wait().unwrap();
    }
}

#[test]
fn on_a_terminal_a_new_service_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), "new");
    terminal.answer("What is the service called?", "Tea House\r");
    terminal.answer("call it `tea-house`", &"\x7f".repeat(9));
    terminal.answer("What is the service called?", "tea-house\r");
    terminal.answer("Make it a Git repository?", "n\r");
    terminal.ends_with(0);
    assert!(folder.path().join("tea-house/Cargo.toml").exists());
    assert!(!folder.path().join("tea-house/.git").exists());
}

#[test]
fn a_question_that_is_left_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), "new tea-house");
    terminal.answer("Make it a Git repository?", "\x1b");
    terminal.wait("nothing was changed");
    terminal.ends_with(130);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn on_a_terminal_every_file_that_differs_is_asked_about() {
    let place = Place::with("shop");
    place.does("generate module orders name:string");
    let file = |name: &str| place.root().join("src/orders").join(name);
    for name in ["service.rs", "view.rs"] {
        let text = std::fs::read_to_string(file(name)).unwrap();
        std::fs::write(file(name), format!("// mine\n{text}")).unwrap();
    }
    let mut terminal = Terminal::start(&place.root(), "destroy module orders");
    terminal.answer("src/orders/service.rs was edited. Remove it?", ENTER);
    terminal.answer(
        "src/orders/view.rs was edited. Remove it?",
        &format!("{DOWN}{ENTER}"),
    );
    terminal.ends_with(0);
    assert!(file("service.rs").exists(), "kept");
    assert!(!file("view.rs").exists(), "removed");
    assert!(!file("mod.rs").exists(), "not edited");
}
