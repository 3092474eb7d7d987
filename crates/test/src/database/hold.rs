//! A test's hold on its database: gone with it, unless it fails.

use std::path::PathBuf;

use super::fresh::Trouble;
use super::notes::Notes;
use super::place::Place;

/// Removes a database of a server when it is dropped, and keeps it when that is because of a panic. Files go with their
/// folder.
#[derive(Debug)]
pub(crate) struct Hold {
    place: Place,
    notes: Notes,
    name: String,
    folder: PathBuf,
    /// Whether nothing is left to do.
    done: bool,
}

impl Hold {
    pub(super) fn new(place: Place, notes: Notes, folder: PathBuf) -> Result<Self, Trouble> {
        let name = match place {
            Place::Files => "test".to_owned(),
            Place::Server(..) => notes.take()?,
        };
        Ok(Self {
            done: matches!(place, Place::Files),
            place,
            notes,
            name,
            folder,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn url(&self) -> String {
        self.place.url_of(&self.name, &self.folder)
    }

    /// The command that opens the database by hand.
    pub(crate) fn shell(&self) -> String {
        self.place.shell_of(&self.name, &self.folder)
    }

    /// Drops the database now.
    pub(crate) async fn remove(mut self) {
        if !self.done {
            self.done = true;
            remove(&self.place, &self.notes, &self.name).await;
        }
    }
}

/// What cannot be removed is removed by a later test, once this process has ended.
async fn remove(place: &Place, notes: &Notes, name: &str) {
    if place.drop(name).await.is_ok() {
        notes.forget(name);
    }
}

impl Drop for Hold {
    #[allow(
        clippy::print_stderr,
        reason = "the harness shows it with the test that failed"
    )]
    fn drop(&mut self) {
        if self.done {
            return;
        }
        if std::thread::panicking() {
            self.notes.keep(&self.name);
            if let Place::Server(_, address) = &self.place {
                address.keep();
            }
            eprintln!("the database of the failed test is kept: {}", self.shell());
            return;
        }
        let (place, notes, name) = (self.place.clone(), self.notes.clone(), self.name.clone());
        // the runtime of the test may be at its end, or this may be one of its threads
        let removing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(remove(&place, &notes, &name));
            }
        });
        let _ = removing.join();
    }
}
