//! Signals and exit codes of a real process: `examples/life.rs`.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

const LONG: Duration = Duration::from_secs(20);

struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

struct Ended {
    code: Option<i32>,
    lines: Vec<String>,
    errors: String,
    took: Duration,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(life())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`cargo test` builds the example `life`");
        let out = child.stdout.take().unwrap();
        let (send, lines) = channel();
        thread::spawn(move || {
            BufReader::new(out)
                .lines()
                .map_while(Result::ok)
                .all(|line| send.send(line).is_ok())
        });
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Waits until the process has said `line`.
    fn said(&mut self, line: &str) -> &mut Self {
        while self.seen.last().map(String::as_str) != Some(line) {
            match self.lines.recv_timeout(LONG) {
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("never said `{line}`: {:?}", self.seen),
            }
        }
        self
    }

    fn signal(&mut self, name: &str) -> &mut Self {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        self
    }

    fn ended(&mut self) -> Ended {
        let began = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if began.elapsed() > LONG => panic!("never ended: {:?}", self.seen),
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        let took = began.elapsed();
        self.seen.extend(self.lines.iter());
        let mut errors = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        Ended {
            code: status.code(),
            lines: std::mem::take(&mut self.seen),
            errors,
            took,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example next to this test's own program.
fn life() -> PathBuf {
    let mut path = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples").join("life")
}

#[test]
fn a_signal_stops_all_in_reverse_and_ends_with_0() {
    for signal in ["-TERM", "-INT"] {
        let ended = Process::start(&[])
            .said("running main")
            .signal(signal)
            .ended();
        let stopped = [
            "ended main",
            "stopping c",
            "stopped c",
            "stopping b",
            "stopped b",
            "stopping a",
            "stopped a",
        ];
        assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""));
        assert_eq!(ended.lines[4..], stopped);
    }
}

#[test]
fn a_signal_during_each_start_hook_stops_exactly_what_had_started() {
    let cases: [(&str, &[&str]); 3] = [("a", &[]), ("b", &["a"]), ("c", &["b", "a"])];
    for (held, started) in cases {
        for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
            let mut process = Process::start(&[&format!("hold={held}")]);
            let ended = process
                .said(&format!("holding {held}"))
                .signal(signal)
                .ended();
            let stopped: Vec<&String> = ended
                .lines
                .iter()
                .filter(|line| line.starts_with("stopped"))
                .collect();
            let expected: Vec<String> = started
                .iter()
                .map(|name| format!("stopped {name}"))
                .collect();
            assert_eq!(stopped, expected.iter().collect::<Vec<_>>());
            assert_eq!(ended.code, Some(code));
            assert!(
                ended.errors.contains("before it had started"),
                "{}",
                ended.errors
            );
        }
    }
}

#[test]
fn a_signal_during_a_constructor_ends_the_start() {
    let ended = Process::start(&["build=b"])
        .said("building b")
        .signal("-TERM")
        .ended();
    assert_eq!(
        (ended.code, ended.lines.join(", ").as_str()),
        (Some(143), "building b")
    );
}

#[test]
fn a_stop_hook_that_hangs_meets_its_deadline_and_the_others_still_stop() {
    let ended = Process::start(&["hang=b", "limit=200"])
        .said("running main")
        .signal("-TERM")
        .ended();
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .lines
            .ends_with(&["stopping b".into(), "stopping a".into(), "stopped a".into()]),
        "{:?}",
        ended.lines
    );
    assert!(
        ended
            .errors
            .contains("error[A103]: stopped with 1 failure: stop hook of life::b"),
        "{}",
        ended.errors
    );
    assert!(
        ended.errors.contains("did not finish within 200ms"),
        "{}",
        ended.errors
    );
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    for (second, code) in [("-TERM", 143), ("-INT", 130)] {
        let mut process = Process::start(&["hang=b", "limit=3600000", "budget=3600000"]);
        let ended = process
            .said("running main")
            .signal("-TERM")
            .said("stopping b")
            .signal(second)
            .ended();
        assert_eq!(ended.code, Some(code));
        // far from the hour that the hook has
        assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
        assert_eq!(ended.lines.last().unwrap(), "stopping b");
        assert!(
            ended.errors.contains("second signal") && ended.errors.contains("ended at once"),
            "{}",
            ended.errors
        );
    }
}

#[test]
fn the_stop_budget_bounds_a_hook_that_hangs() {
    let mut process = Process::start(&["hang=c", "limit=3600000", "budget=300"]);
    let ended = process.said("running main").signal("-TERM").ended();
    assert_eq!(ended.code, Some(1));
    // far from the hour that the hook has
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert!(
        ended.errors.contains("stop hook of life::c was cut off"),
        "{}",
        ended.errors
    );
    assert!(
        ended.errors.contains("stop hook of life::a was not run"),
        "{}",
        ended.errors
    );
}

#[test]
fn the_process_ends_even_when_a_hook_blocks_its_thread() {
    let mut process = Process::start(&["block=c", "budget=300"]);
    let ended = process.said("running main").signal("-TERM").ended();
    assert_eq!(ended.code, Some(1));
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert!(
        ended.errors.contains("life::c was cut off"),
        "{}",
        ended.errors
    );
    let blocked = "a hook blocks its thread: ended at once";
    assert!(ended.errors.contains(blocked), "{}", ended.errors);
}

#[test]
fn the_process_ends_even_when_a_start_hook_blocks_its_thread() {
    let mut process = Process::start(&["jam=b", "budget=300"]);
    let ended = process.said("jammed b").signal("-TERM").ended();
    assert_eq!(ended.code, Some(143));
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert_eq!(ended.lines.last().unwrap(), "stopped a");
}

#[test]
fn the_exit_code_says_how_it_ended() {
    assert_eq!(Process::start(&["exit=7"]).ended().code, Some(7));
    let died = Process::start(&["die=1"]).ended();
    assert_eq!(died.code, Some(1));
    assert!(
        died.errors
            .contains("task of life::main_task failed: lost the broker"),
        "{}",
        died.errors
    );
    assert_eq!(died.lines.last().unwrap(), "stopped a");
    let panicked = Process::start(&["panic=b"]).ended();
    assert_eq!(panicked.code, Some(70));
    assert!(
        panicked
            .errors
            .contains("start hook of life::b panicked: as wished"),
        "{}",
        panicked.errors
    );
    assert_eq!(
        panicked.lines.join(", "),
        "started a, stopping a, stopped a"
    );
}
