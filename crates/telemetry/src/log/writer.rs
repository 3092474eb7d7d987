//! The thread that writes lines.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{clock, config::Format};

/// How long lines may wait for company before they are written.
const DELAY: Duration = Duration::from_millis(10);
/// So many waiting bytes are written without delay.
const BATCH: usize = 64 * 1024;
/// A buffer keeps this much between two batches: growing anew each time costs page faults.
const KEEP: usize = 4 * BATCH;
/// More waiting bytes than these mean that nobody reads: further lines are dropped and counted.
const LIMIT: usize = 4 * 1024 * 1024;

/// Where finished lines go.
#[derive(Clone)]
pub(super) enum Sink {
    /// To the writer thread.
    Thread(Writer),
    /// To `print!`, which the test harness captures and shows when the test fails.
    Harness,
}

impl Sink {
    /// Takes one line that ends with a line feed; `urgent` lines do not wait for company.
    #[allow(
        clippy::print_stdout,
        reason = "only print! is captured by the test harness"
    )]
    pub(super) fn line(&self, line: &str, urgent: bool) {
        match self {
            Self::Thread(writer) => writer.line(line.as_bytes(), urgent),
            Self::Harness => print!("{line}"),
        }
    }
}

/// Collects lines and lets one thread write them in batches.
///
/// Taking a line is a copy under a lock. The thread is woken when it sleeps (the first line after a pause), when a line
/// is urgent and when a batch is full; under load that is once a batch, not once a line.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// The thread sleeps until it is woken.
    asleep: bool,
    urgent: bool,
    closed: bool,
    dropped: u64,
    /// How many batches have been handed to the thread, and how many it has written.
    batch: u64,
    done: u64,
}

impl Writer {
    /// Starts the thread that writes to `out`; what the thread has to say itself is in `format`.
    pub(super) fn start(out: impl Write + Send + 'static, format: Format) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            wake: Condvar::new(),
            written: Condvar::new(),
        });
        let worker = Arc::clone(&shared);
        thread::Builder::new()
            .name("atlas-log".to_owned())
            .stack_size(128 * 1024)
            .spawn(move || worker.run(out, format))?;
        Ok(Self { shared })
    }

    fn line(&self, line: &[u8], urgent: bool) {
        let mut state = self.shared.lock();
        if state.waiting.len() + line.len() > LIMIT {
            state.dropped += 1;
            return;
        }
        state.waiting.extend_from_slice(line);
        let full = state.waiting.len() >= BATCH && state.waiting.len() - line.len() < BATCH;
        // one call is enough: a flood of errors does not wake the thread once a line
        let call = urgent && !state.urgent;
        state.urgent |= urgent;
        if call || full || state.asleep {
            state.asleep = false;
            drop(state);
            self.shared.wake.notify_one();
        }
    }

    /// Waits until every line so far is written, but not longer than `limit`; says whether it was.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let mut state = self.shared.lock();
        let target = state.batch + u64::from(!state.waiting.is_empty());
        state.urgent = true;
        self.shared.wake.notify_one();
        let (state, _) = self
            .shared
            .written
            .wait_timeout_while(state, limit, |state| state.done < target)
            .unwrap_or_else(PoisonError::into_inner);
        state.done >= target
    }

    /// Writes what is left and ends the thread, without waiting longer than `limit` for a reader that has stopped.
    pub(super) fn close(&self, limit: Duration) {
        self.flush(limit);
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut out: impl Write, format: Format) {
        let mut writing = Vec::new();
        let mut state = self.lock();
        loop {
            while state.waiting.is_empty() && !state.closed {
                state.urgent = false;
                state.asleep = true;
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            state.asleep = false;
            if state.waiting.is_empty() {
                return;
            }
            (state, _) = self
                .wake
                .wait_timeout_while(state, DELAY, |state| {
                    !state.urgent && !state.closed && state.waiting.len() < BATCH
                })
                .unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut state.waiting, &mut writing);
            state.urgent = false;
            state.batch += 1;
            let dropped = mem::take(&mut state.dropped);
            drop(state);

            // nobody is left to tell when the log itself cannot be written
            let _ = out.write_all(&writing);
            if dropped > 0 {
                let _ = out.write_all(notice(dropped, format).as_bytes());
            }
            let _ = out.flush();
            writing.clear();
            writing.shrink_to(KEEP);

            state = self.lock();
            state.done = state.batch;
            self.written.notify_all();
        }
    }
}

/// The line that says how many lines are missing.
fn notice(dropped: u64, format: Format) -> String {
    let mut line = String::new();
    let said = "log lines were dropped because nobody read them";
    match format {
        Format::Json => {
            line.push_str("{\"timestamp\":\"");
            clock::push_now(&mut line);
            line.push_str("\",\"level\":\"WARN\",\"target\":\"atlas::log\",\"message\":\"");
            line.push_str(said);
            line.push_str(&format!("\",\"dropped\":{dropped}}}\n"));
        }
        Format::Pretty => {
            clock::push_time_of_day(&mut line);
            line.push_str(&format!("  WARN atlas::log: {said} dropped={dropped}\n"));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Hands every write to a channel.
    struct Channel(mpsc::SyncSender<String>);

    impl Write for Channel {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(text).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn a_flush_has_written_every_line_in_order() {
        let (sender, receiver) = mpsc::sync_channel(100_000);
        let writer = Writer::start(Channel(sender), Format::Json).unwrap();
        let expected: String = (0..5000).map(|n| format!("line {n}\n")).collect();
        for line in expected.split_inclusive('\n') {
            writer.line(line.as_bytes(), false);
        }
        assert!(writer.flush(LONG));
        let writes: Vec<_> = receiver.try_iter().collect();
        assert_eq!(writes.concat(), expected);
        assert!(
            writes.len() < 2500,
            "{} writes for 5000 lines",
            writes.len()
        );
    }

    #[test]
    fn lines_are_written_without_being_asked_for() {
        let (sender, receiver) = mpsc::sync_channel(10);
        let writer = Writer::start(Channel(sender), Format::Json).unwrap();
        for line in ["one\n", "two\n"] {
            writer.line(line.as_bytes(), line == "two\n");
            assert_eq!(receiver.recv_timeout(LONG).unwrap(), line);
        }
    }

    #[test]
    fn lines_that_nobody_reads_are_dropped_and_counted() {
        let (sender, receiver) = mpsc::sync_channel(0);
        let writer = Writer::start(Channel(sender), Format::Json).unwrap();
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        // what is being written and what waits are at most two of these limits
        let sent = 3 * LIMIT / line.len();
        for _ in 0..sent {
            writer.line(&line, false);
        }
        let reader = thread::spawn(move || receiver.into_iter().collect::<String>());
        assert!(writer.flush(LONG));
        writer.close(LONG);
        drop(writer);
        let text = reader.join().unwrap();
        let (notices, lines): (Vec<_>, Vec<_>) = text.lines().partition(|it| it.starts_with('{'));
        let dropped: u64 = notices
            .iter()
            .map(|it| {
                serde_json::from_str::<serde_json::Value>(it).unwrap()["dropped"]
                    .as_u64()
                    .unwrap()
            })
            .sum();
        assert!(dropped > 0);
        assert_eq!(lines.len() as u64 + dropped, sent as u64);
    }

    #[test]
    fn closing_writes_what_is_left() {
        let (sender, receiver) = mpsc::sync_channel(10);
        let writer = Writer::start(Channel(sender), Format::Json).unwrap();
        writer.line(b"last words\n", false);
        writer.close(LONG);
        assert_eq!(receiver.try_recv().unwrap(), "last words\n");
        assert!(receiver.recv().is_err(), "the thread has ended");
    }
}
