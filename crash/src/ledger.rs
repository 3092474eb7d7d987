//! What a process writes down of what it does.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};

use crate::clock::{now, shown, wrong_by};

/// One thing that a process did, at the moment at which it wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The process.
    pub pid: u32,
    /// Microseconds since 1970, by the clock that all processes of the machine share.
    pub at: u64,
    /// What: `start`, `end`, `effect`, `enqueued`, and whatever else a case needs.
    pub what: String,
    /// Of which item: the id of a job, a key.
    pub item: String,
    /// The attempt or the count of deliveries.
    #[serde(default)]
    pub attempt: u32,
    /// The fence under which it ran.
    #[serde(default)]
    pub fence: u64,
    /// How it went, and whatever else there is to say.
    #[serde(default)]
    pub note: String,
}

/// The ledger of one process: a file to which lines are only ever added, each by one write, so that a process that is killed
/// leaves whole lines.
#[derive(Debug)]
pub struct Ledger {
    file: Mutex<File>,
}

impl Ledger {
    /// Opens the ledger of this process in a folder. Of a process that is shown a [wrong clock](crate::WrongClock), it begins
    /// with the line `clock`, which says what that shows.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = path_of(folder, std::process::id());
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let ledger = Self {
            file: Mutex::new(file),
        };
        if wrong_by().is_some() {
            ledger.write("clock", "", 0, 0, &shown().to_string());
        }
        Ok(ledger)
    }

    /// Writes a line down; when this returns, it survives the process.
    ///
    /// # Panics
    ///
    /// When the line cannot be written: what the ledger does not hold, a case cannot judge.
    pub fn write(&self, what: &str, item: &str, attempt: u32, fence: u64, note: &str) {
        let line = Line {
            pid: std::process::id(),
            at: now(),
            what: what.to_owned(),
            item: item.to_owned(),
            attempt,
            fence,
            note: note.to_owned(),
        };
        let mut text = serde_json::to_vec(&line).expect("a line is JSON");
        text.push(b'\n');
        let mut file = self.file.lock().expect("no writer panics");
        file.write_all(&text).expect("the ledger can be written");
    }
}

/// The lines of all ledgers of a folder, by time.
///
/// # Errors
///
/// When a ledger cannot be read, or holds a line that is none; the last line of a killed process may be cut short, and is
/// left out.
pub fn lines(folder: &Path) -> io::Result<Vec<Line>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|it| it != "ledger") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            all.push(serde_json::from_str(line)?);
        }
    }
    all.sort_by_key(|line: &Line| line.at);
    Ok(all)
}

fn path_of(folder: &Path, pid: u32) -> PathBuf {
    folder.join(format!("{pid}.ledger"))
}
