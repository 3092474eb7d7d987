//! What is known about the databases of a place, in files that all test processes share.
//!
//! `databases/NAME` holds the id of the process that uses the database; `databases/NAME.kept` says that a failed test has
//! left it to be looked at. `KEY.ready` says that a template is complete, and when it was used last; `KEY.lock` is held by
//! whoever makes it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::fresh::Trouble;

/// What nobody has used for so long is removed.
const STALE: Duration = Duration::from_secs(60 * 60);

/// The notes of a place.
#[derive(Debug, Clone)]
pub(super) struct Notes(PathBuf);

impl Notes {
    pub(super) fn new(folder: PathBuf) -> Result<Self, Trouble> {
        let databases = folder.join("databases");
        fs::create_dir_all(&databases).map_err(|error| Trouble::file(&databases, &error))?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Notes that this process uses a database that does not exist yet, and names it.
    pub(super) fn take(&self) -> Result<String, Trouble> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs());
        let (pid, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("atlas_test_{seconds:x}_{pid:x}_{next}");
        let path = self.of(&name);
        // whole from its first moment: others take a note that they cannot read for one of the dead
        let draft = self.0.join(format!("{name}.draft"));
        fs::write(&draft, pid.to_string())
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| Trouble::file(&path, &error))?;
        Ok(name)
    }

    /// The database is gone.
    pub(super) fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.of(name));
        let _ = fs::remove_file(self.of(&format!("{name}.kept")));
    }

    /// The database stays when this process goes.
    pub(super) fn keep(&self, name: &str) {
        let _ = fs::rename(self.of(name), self.of(&format!("{name}.kept")));
    }

    /// Databases of processes that were killed, and those that were kept long enough. Notes that were never finished go.
    pub(super) fn left_behind(&self) -> Vec<String> {
        self.drop_drafts();
        let Ok(entries) = fs::read_dir(self.0.join("databases")) else {
            return Vec::new();
        };
        let is_left = |path: &PathBuf| match path.extension() {
            Some(_) => is_stale(path),
            None => fs::read_to_string(path).is_ok_and(|pid| !is_alive(pid.trim())),
        };
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(is_left)
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect()
    }

    /// Removes what processes have left that were killed before they could give it its name.
    fn drop_drafts(&self) {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|it| it == "draft") && is_stale(path))
            .for_each(|path| drop(fs::remove_file(path)));
    }

    /// What there is to know about a template that is ready, and that it is used now.
    pub(super) fn ready(&self, key: &str) -> Option<String> {
        let path = self.0.join(format!("{key}.ready"));
        let text = fs::read_to_string(&path).ok()?;
        let file = File::options().append(true).open(&path).ok()?;
        let _ = file.set_modified(SystemTime::now());
        Some(text)
    }

    pub(super) fn set_ready(&self, key: &str, text: &str) -> Result<(), Trouble> {
        let path = self.0.join(format!("{key}.ready"));
        let draft = self.0.join(format!("{key}.draft"));
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| Trouble::file(&path, &error))
    }

    pub(super) fn unset_ready(&self, key: &str) {
        let _ = fs::remove_file(self.0.join(format!("{key}.ready")));
    }

    /// Templates that nobody has used for long.
    pub(super) fn stale(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return Vec::new();
        };
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|it| it == "ready") && is_stale(path))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect()
    }

    /// Waits for the right to make a template; it is had until the file is dropped.
    pub(super) fn lock(&self, key: &str) -> Result<File, Trouble> {
        let path = self.0.join(format!("{key}.lock"));
        let file = File::create(&path).map_err(|error| Trouble::file(&path, &error))?;
        file.lock().map_err(|error| Trouble::file(&path, &error))?;
        Ok(file)
    }

    fn of(&self, name: &str) -> PathBuf {
        self.0.join("databases").join(name)
    }
}

fn is_stale(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|data| data.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
}

fn is_alive(pid: &str) -> bool {
    pid.parse().is_ok_and(atlas_servers::is_alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_has_not_finished_goes_once_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::new(folder.path().to_owned()).unwrap();
        let draft = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            fs::write(&path, "1").unwrap();
            let file = File::options().append(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let old = draft("atlas_test_1_1_0.draft", STALE * 2);
        let fresh = draft("atlas_test_1_1_1.draft", STALE / 2);
        let ready = draft("key.ready", STALE * 2);
        assert!(notes.left_behind().is_empty());
        assert!(!old.exists() && fresh.exists() && ready.exists());
        let name = notes.take().unwrap();
        assert!(notes.left_behind().is_empty(), "this process lives");
        notes.forget(&name);
    }
}
