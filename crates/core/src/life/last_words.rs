//! What a process says when it ends without an orderly stop.

use std::{
    io::{self, Write},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

/// How long a reader of standard error may take: a full pipe must not keep the process from ending.
const PATIENCE: Duration = Duration::from_millis(200);

/// Writes a line to standard error before it returns. A log may be written in batches by another thread, and would lose it.
pub(super) fn say(line: String) {
    let (done, written) = channel();
    let write = move || {
        let _ = writeln!(io::stderr(), "{line}");
        let _ = done.send(());
    };
    if thread::Builder::new().spawn(write).is_ok() {
        // written, or nobody reads
        let _ = written.recv_timeout(PATIENCE);
    }
}
