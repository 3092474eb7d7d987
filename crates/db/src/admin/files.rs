//! The files of a SQLite database.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// What a `sqlite:` URL names, when that is a file.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) main: PathBuf,
    /// It is opened for reading only.
    pub(super) read_only: bool,
}

impl Files {
    /// Reads the URL; nothing when the database lives in memory.
    #[cfg(feature = "sqlite")]
    pub(super) fn parse(url: &str) -> Result<Option<Self>, String> {
        let target = crate::sqlite::Target::parse(url)?;
        Ok((!target.is_in_memory()).then(|| Self {
            main: target.path(),
            read_only: target.is_read_only(),
        }))
    }

    /// A build without SQLite has no files.
    #[cfg(not(feature = "sqlite"))]
    pub(super) fn parse(_: &str) -> Result<Option<Self>, String> {
        Ok(None)
    }

    /// Says whether another connection, of any process, holds a lock on the database.
    #[cfg(feature = "sqlite")]
    pub(super) async fn are_in_use(&self) -> bool {
        self.main.exists() && crate::sqlite::is_in_use(&self.main).await
    }

    /// A build without SQLite has no files.
    #[cfg(not(feature = "sqlite"))]
    pub(super) async fn are_in_use(&self) -> bool {
        false
    }

    /// Removes the database, and what SQLite keeps beside it; says whether there was one.
    pub(super) fn remove(&self) -> io::Result<bool> {
        // the log first: without its database it means nothing, a database without its log lacks the latest commits
        for suffix in ["-shm", "-wal", "-journal"] {
            unless_missing(&beside(&self.main, suffix))?;
        }
        unless_missing(&self.main)
    }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

fn unless_missing(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
