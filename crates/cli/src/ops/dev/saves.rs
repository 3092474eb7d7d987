//! From writes of files to saves that are acted upon.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{report::News, session::Session, watch::Need};
use crate::Result;

/// A save is over when nothing more happens for this long: editors and generators write several files.
const QUIET: Duration = Duration::from_millis(40);
/// Whatever goes on being written is not waited for longer than this.
const LONGEST: Duration = Duration::from_millis(400);

/// Saves that are not acted upon yet.
#[derive(Default)]
pub(super) struct Saved {
    files: Vec<PathBuf>,
    pub(super) need: Option<Need>,
    first: Option<Instant>,
    pub(super) act: Option<Instant>,
}

impl Session<'_> {
    /// Remembers what was written; from now on requests wait for it.
    pub(super) fn note_saves(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let Some(need) = self.watcher.need(path) else {
                continue;
            };
            let now = Instant::now();
            let first = *self.saved.first.get_or_insert(now);
            self.saved.act = Some((now + QUIET).min(first + LONGEST));
            self.saved.need = self.saved.need.max(Some(need));
            if !self.saved.files.contains(path) {
                self.saved.files.push(path.clone());
            }
        }
        if self.saved.need == Some(Need::Build)
            || self.saved.need.is_some() && self.binary.is_some()
        {
            // From now on requests wait for what was saved, even before it is known whether more is to come.
            self.outage = None;
            if let Some((_, server)) = &mut self.server {
                server.stop();
            }
        }
    }

    /// Builds or restarts, when a save is over.
    pub(super) fn act_on_saves(&mut self) -> Result<()> {
        let saved = std::mem::take(&mut self.saved);
        if self.stopping.is_some() {
            return Ok(());
        }
        // What is gone again was a step on the way (`sed -i` writes another file and renames it), unless all is gone.
        let (there, gone): (Vec<_>, Vec<_>) = saved.files.iter().partition(|path| path.exists());
        let files: Vec<_> = if there.is_empty() { gone } else { there }
            .into_iter()
            .map(|path| self.watcher.short(path).display().to_string())
            .collect();
        self.report.tell(&News::Saved { files: &files });
        match saved.need {
            Some(Need::Build) => self.rebuild(),
            Some(Need::Restart) => self.restart(),
            None => Ok(()),
        }
    }
}
