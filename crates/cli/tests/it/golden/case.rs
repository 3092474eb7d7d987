//! One golden folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::binary;

/// A folder of `tests/golden`.
pub(super) struct Case {
    folder: PathBuf,
}

/// The names of all cases, sorted.
pub(super) fn all() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| root().join(name).join("command").exists())
        .collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

impl Case {
    pub(super) fn new(name: &str) -> Self {
        Self {
            folder: root().join(name),
        }
    }

    /// Runs the command in a copy of `in` and compares what it says and what it leaves.
    pub(super) fn run(&self) {
        let place = tempfile::tempdir().unwrap();
        let service = place.path().join("tea");
        let start = self.folder.join("in");
        let start = if start.exists() {
            start
        } else {
            root().join("tea")
        };
        let before = tree(&start);
        plant(&before, &service);
        let words = self.words(&service).replace(
            &fs::canonicalize(place.path())
                .unwrap()
                .display()
                .to_string(),
            "[PLACE]",
        );
        let after = tree(&service);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let out = self.folder.join("out");
            let _ = fs::remove_dir_all(&out);
            let changed = changes(&before, &after);
            if !changed.is_empty() {
                plant(&changed, &out);
            }
            fs::write(self.folder.join("words"), &words).unwrap();
        }
        let said = fs::read_to_string(self.folder.join("words")).unwrap_or_default();
        assert_eq!(
            words, said,
            "other words; `UPDATE_GOLDEN=1` takes them over"
        );
        let out = self.folder.join("out");
        let mut expected = before;
        if out.exists() {
            for (path, bytes) in tree(&out) {
                match path.strip_suffix(".gone") {
                    Some(path) => drop(expected.remove(path)),
                    None => drop(expected.insert(path, bytes)),
                }
            }
        }
        let text = |tree: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, String> {
            tree.into_iter()
                .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
                .collect()
        };
        assert_eq!(
            text(after),
            text(expected),
            "other files; `UPDATE_GOLDEN=1` takes them over"
        );
    }

    fn words(&self, service: &Path) -> String {
        let script = fs::read_to_string(self.folder.join("command")).unwrap();
        let mut path = vec![binary().parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let mut words = String::new();
        for line in script.lines() {
            let output = Command::new("bash")
                .args(["-c", line])
                .current_dir(service)
                .env("PATH", std::env::join_paths(&path).unwrap())
                // 2026-11-22
                .env("SOURCE_DATE_EPOCH", "1795305600")
                .env("NO_COLOR", "1")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            words.push_str(&format!("$ {line}\n"));
            words.push_str(&String::from_utf8(output.stdout).unwrap());
            for line in String::from_utf8(output.stderr).unwrap().lines() {
                words.push_str(format!("! {line}").trim_end());
                words.push('\n');
            }
            words.push_str(&format!("= {}\n", output.status.code().unwrap()));
        }
        words
    }
}

/// What differs, with `.gone` behind the name of a file that is no longer there.
fn changes(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, Vec<u8>> {
    let written = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(bytes));
    let mut changes: BTreeMap<_, _> = written
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    changes.extend(gone.map(|path| (format!("{path}.gone"), Vec::new())));
    changes
}

fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(
                    path.strip_prefix(root).unwrap().display().to_string(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}

fn plant(files: &BTreeMap<String, Vec<u8>>, root: &Path) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
