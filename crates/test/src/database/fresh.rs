//! How a test gets its database.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use atlas::db::Engine;
use atlas_servers::Absent;

use super::hold::Hold;
use super::notes::Notes;
use super::place::Place;
use super::recipe::Recipe;
use super::template::Template;

/// Why a test got no database.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no server.
    Absent(Absent),
    /// There is one.
    Other(String),
}

impl Trouble {
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Other(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(absent) => write!(f, "{absent}"),
            Self::Other(words) => write!(f, "the test got no database: {words}"),
        }
    }
}

impl std::error::Error for Trouble {}

/// A database that nobody else has.
pub(crate) struct Fresh {
    pub(crate) url: String,
    pub(crate) hold: Hold,
}

/// Makes a database after a recipe; that of SQLite is a file in `folder`.
pub(crate) async fn fresh(
    engine: Engine,
    recipe: &Recipe,
    folder: &Path,
) -> Result<Fresh, Trouble> {
    let place = Place::of(engine).await?;
    let notes = Notes::new(place.notes()?)?;
    sweep(&place, &notes).await;
    let hold = Hold::new(place.clone(), notes.clone(), folder.to_owned())?;
    if recipe.is_empty() {
        place.create(hold.name()).await?;
    } else {
        let template = Template::of(recipe, &place, &notes).await?;
        let target = (hold.name(), folder);
        if template.copy(recipe, &place, &notes, target).await.is_err() {
            // a server that lasts may have lost what the notes say it has
            template.is_lost(&notes);
            place.drop(hold.name()).await?;
            let template = Template::of(recipe, &place, &notes).await?;
            template.copy(recipe, &place, &notes, target).await?;
        }
    }
    let url = hold.url();
    recipe.season(&url).await?;
    Ok(Fresh { url, hold })
}

/// Removes what killed tests have left, once for each place and process.
async fn sweep(place: &Place, notes: &Notes) {
    static SWEPT: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);
    let first = SWEPT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(notes.folder().to_owned());
    if !first {
        return;
    }
    for name in notes.left_behind() {
        if place.drop(&name).await.is_ok() {
            notes.forget(&name);
        }
    }
}
