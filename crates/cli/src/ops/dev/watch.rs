//! Which files matter, and what their change asks for.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::mpsc::Sender,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event};

use super::event::Event;
use crate::{Error, Exit, Result};

/// Folders whose files are part of the binary or of what it reads at build time.
const SOURCES: &[&str] = &["src", "migrations", "seeds", "templates", "proto", "assets"];
/// Folders whose files the service reads when it starts.
const SETTINGS: &[&str] = &["config"];

/// What a change asks for; the greater includes the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Start anew with the same binary.
    Restart,
    /// Build, then start.
    Build,
}

/// Tells the session about saved files of a project.
#[derive(Debug)]
pub(super) struct Watcher {
    root: PathBuf,
    /// Sources outside of it that are part of the binary.
    elsewhere: BTreeSet<PathBuf>,
    notify: RecommendedWatcher,
}

impl Watcher {
    /// Watches the project at `root`: the folder itself, and whole those of its folders that matter. `target`, `.git`
    /// and `data` cost nothing, because nobody looks there.
    pub(super) fn new(root: &Path, events: Sender<Event>) -> Result<Self> {
        let notify = notify::recommended_watcher(move |result: notify::Result<notify::Event>| {
            let event = match result {
                Ok(event) if writes(&event.kind) => Event::Saved(event.paths),
                Ok(_) => return,
                Err(error) => Event::WatchFailed(error),
            };
            // The session is over when nobody listens.
            let _ = events.send(event);
        })
        .map_err(|error| cannot_watch(root, error))?;
        // Events name real paths: without links.
        let root = root
            .canonicalize()
            .map_err(|error| cannot_watch(root, notify::Error::io(error)))?;
        let mut watcher = Self {
            root,
            elsewhere: BTreeSet::new(),
            notify,
        };
        watcher.add(&watcher.root.clone(), RecursiveMode::NonRecursive)?;
        for folder in SOURCES.iter().chain(SETTINGS) {
            let folder = watcher.root.join(folder);
            if folder.is_dir() {
                watcher.add(&folder, RecursiveMode::Recursive)?;
            }
        }
        Ok(watcher)
    }

    /// What the change of `path` asks for; `None` when it does not matter.
    pub(super) fn need(&mut self, path: &Path) -> Option<Need> {
        if self.elsewhere.iter().any(|folder| path.starts_with(folder)) {
            let name = path.file_name().and_then(OsStr::to_str)?;
            return (!is_scratch(name)).then_some(Need::Build);
        }
        let inside = path.strip_prefix(&self.root).ok()?;
        let need = need(inside)?;
        if inside.components().count() == 1 && path.is_dir() {
            // A folder that came (back) just now; should it go again before we look, there is nothing to watch.
            let _ = self.notify.watch(path, RecursiveMode::Recursive);
        }
        Some(need)
    }

    /// Watches these folders too, unless it does already.
    pub(super) fn follow(&mut self, sources: BTreeSet<PathBuf>) {
        for folder in sources
            .into_iter()
            .filter_map(|folder| folder.canonicalize().ok())
        {
            let is_known = folder.starts_with(&self.root)
                && folder
                    .strip_prefix(&self.root)
                    .is_ok_and(|it| need(it).is_some());
            if !is_known
                && !self.elsewhere.contains(&folder)
                && self.notify.watch(&folder, RecursiveMode::Recursive).is_ok()
            {
                self.elsewhere.insert(folder);
            }
        }
    }

    /// `path` as the person knows it.
    pub(super) fn short<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    fn add(&mut self, path: &Path, mode: RecursiveMode) -> Result<()> {
        self.notify
            .watch(path, mode)
            .map_err(|error| cannot_watch(path, error))
    }
}

/// Whether files may have other contents after this.
fn writes(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => *access == event::AccessKind::Close(event::AccessMode::Write),
        EventKind::Modify(event::ModifyKind::Metadata(_)) => false,
        _ => true,
    }
}

/// What the change of a file asks for, by its path inside the project.
fn need(inside: &Path) -> Option<Need> {
    let name = inside.file_name().and_then(OsStr::to_str)?;
    if is_scratch(name) {
        return None;
    }
    let first = inside.iter().next().and_then(OsStr::to_str)?;
    if SOURCES.contains(&first) {
        return Some(Need::Build);
    }
    if SETTINGS.contains(&first) {
        return Some(Need::Restart);
    }
    match name {
        // `Cargo.lock` is left out: cargo writes it during the build that a change here starts.
        "Cargo.toml" | "build.rs" | "rust-toolchain.toml" => Some(Need::Build),
        ".env" => Some(Need::Restart),
        _ => None,
    }
}

/// Files editors write beside the one that is edited.
fn is_scratch(name: &str) -> bool {
    let by_ending = [
        "~",
        ".swp",
        ".swo",
        ".swx",
        ".tmp",
        ".bak",
        ".orig",
        ".part",
        "___jb_tmp___",
        "___jb_old___",
    ];
    by_ending.iter().any(|ending| name.ends_with(ending))
        || name.starts_with(".#")
        || name.starts_with('#') && name.ends_with('#')
        || name.starts_with(".goutputstream-")
        || name == "4913" // vim asks by this file whether it may write in the folder
        || name == ".DS_Store"
}

fn cannot_watch(path: &Path, error: notify::Error) -> Error {
    let full = matches!(error.kind, notify::ErrorKind::MaxFilesWatch);
    let told = Error::new(format!("cannot watch `{}`", path.display()))
        .exit(Exit::Unavailable)
        .source(error);
    if full {
        told.help("let this user watch more files: `sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`")
    } else {
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_ask_for_a_build_and_settings_for_a_restart() {
        for path in [
            "src/main.rs",
            "src/catalog/routes.rs",
            "seeds/products.json",
            "Cargo.toml",
            "build.rs",
            "migrations/a.sql",
        ] {
            assert_eq!(need(Path::new(path)), Some(Need::Build), "{path}");
        }
        for path in ["config/default.toml", ".env"] {
            assert_eq!(need(Path::new(path)), Some(Need::Restart), "{path}");
        }
    }

    #[test]
    fn what_editors_cargo_and_the_service_write_is_ignored() {
        let ignored = [
            "src/main.rs~",
            "src/.main.rs.swp",
            "src/4913",
            "src/#main.rs#",
            "src/.#main.rs",
            "src/main.rs___jb_tmp___",
            "target/debug/shop",
            "Cargo.lock",
            "data/development.sqlite-wal",
            ".git/index",
            "README.md",
            ".env.example",
        ];
        for path in ignored {
            assert_eq!(need(Path::new(path)), None, "{path}");
        }
    }
}
