//! A folder with a new service in it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::support::{atlas, stderr};

/// A service that `atlas new` has just made, in a folder of its own.
pub(super) struct Place {
    folder: PathBuf,
    name: String,
    /// Removes the folder, unless it is one that stays.
    _temporary: Option<tempfile::TempDir>,
}

impl Place {
    /// Makes a service of this name.
    pub(super) fn with(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::make(folder.path().to_owned(), name, Some(folder))
    }

    /// Makes a service of this name where it always is, so that cargo puts what it builds of it where it was.
    pub(super) fn to_build(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold");
        let _ = fs::remove_dir_all(folder.join(name));
        fs::create_dir_all(&folder).unwrap();
        Self::make(folder, name, None)
    }

    /// Makes a service of this name that has background jobs.
    pub(super) fn with_jobs(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        Self::made(path, &[name, "--with", "jobs"], Some(folder))
    }

    fn make(folder: PathBuf, name: &str, temporary: Option<tempfile::TempDir>) -> Self {
        Self::made(folder, &[name], temporary)
    }

    fn made(folder: PathBuf, words: &[&str], temporary: Option<tempfile::TempDir>) -> Self {
        let name = words[0];
        let mut new = atlas(&[&["new", "--no-input", "--quiet"], words].concat());
        let output = new.current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        Self {
            folder,
            name: name.to_owned(),
            _temporary: temporary,
        }
    }

    /// Compiles the drivers of all engines into the service; `atlas new` takes those it was asked for.
    pub(super) fn has_every_driver(&self) {
        let path = self.root().join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        let all = manifest.replace("\"postgres\"]", "\"postgres\", \"mysql\"]");
        assert_ne!(manifest, all);
        fs::write(&path, all).unwrap();
    }

    /// The folder of the service.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Runs `atlas` in the service.
    pub(super) fn atlas(&self, line: &str) -> Output {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        atlas(&arguments).current_dir(self.root()).output().unwrap()
    }

    /// Runs `atlas` in the service; it must succeed.
    pub(super) fn does(&self, line: &str) {
        let output = self.atlas(line);
        assert!(
            output.status.success(),
            "`atlas {line}`: {}",
            stderr(&output)
        );
    }

    /// Every file of the service but those of Git.
    pub(super) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.root(), &[".git", "target"])
    }
}

/// Every file below a folder, by path.
pub(super) fn tree(root: &Path, without: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if without.contains(&entry.file_name().to_str().unwrap()) {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}
