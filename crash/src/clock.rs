//! The clock that the processes of a case share, and those that are shown another one.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

/// The variable that says by how many seconds the clock is wrong that a process is shown.
const VARIABLE: &str = "CRASH_CLOCK";
/// Where systems have the library, in a folder of this name.
const FOLDERS: [&str; 5] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
];

/// A clock that is wrong: libfaketime stands between a process and the system, and says another time to whoever asks for
/// it. What measures spans goes on as it is.
#[derive(Clone, Debug)]
pub struct WrongClock {
    library: PathBuf,
}

impl WrongClock {
    /// Finds the library; none if this machine has none.
    #[must_use]
    pub fn find() -> Option<Self> {
        let libraries = FOLDERS.map(|it| Path::new(it).join("faketime/libfaketimeMT.so.1"));
        let library = libraries.into_iter().find(|it| it.exists())?;
        Some(Self { library })
    }

    /// The variables of a process whose clock is so many seconds fast, or slow if it is less than nothing.
    #[must_use]
    pub fn by(&self, seconds: i64) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME", format!("{seconds:+}")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            (VARIABLE, seconds.to_string()),
        ]
    }
}

/// Microseconds since 1970, as lines are stamped: by the clock of the machine, also where this process is shown another.
#[must_use]
pub fn now() -> u64 {
    let wrong = wrong_by().unwrap_or(0).saturating_mul(1_000_000);
    shown().saturating_add_signed(wrong.saturating_neg())
}

/// Microseconds since 1970, by the clock that this process is shown.
pub(crate) fn shown() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX))
}

/// Removes what the library shares with children of a process, and leaves behind when that is killed.
pub(crate) fn clean_up_after(process: u32) {
    for shared in ["faketime_shm_", "sem.faketime_sem_"] {
        let _ = fs::remove_file(format!("/dev/shm/{shared}{process}"));
    }
}

/// By how many seconds the clock is wrong that this process is shown, if it is.
pub(crate) fn wrong_by() -> Option<i64> {
    static WRONG: OnceLock<Option<i64>> = OnceLock::new();
    *WRONG.get_or_init(|| env::var(VARIABLE).ok()?.parse().ok())
}
