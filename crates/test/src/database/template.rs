//! The database that the others are copies of.

use std::fs;

use atlas::db::Engine;

use super::fresh::Trouble;
use super::notes::Notes;
use super::place::{Place, administer, administrator, blocking, file};
use super::recipe::Recipe;
use super::{mysql, postgres};

/// What the note of a template says when it cannot be copied, so that each test migrates for itself.
const NO_COPY: &str = "-- has what a copy would lose";

/// A template that is ready.
pub(super) struct Template {
    name: String,
    key: String,
    /// The script of engines that copy by one.
    text: String,
}

impl Template {
    /// Finds it, or makes it: once, however many threads and processes want it.
    pub(super) async fn of(recipe: &Recipe, place: &Place, notes: &Notes) -> Result<Self, Trouble> {
        let key = recipe.key();
        let name = format!("atlas_template_{key}");
        if let Some(text) = notes.ready(&key) {
            return Ok(Self { name, key, text });
        }
        let waiting = (notes.clone(), key.clone());
        let _lock = blocking(move || waiting.0.lock(&waiting.1)).await??;
        if let Some(text) = notes.ready(&key) {
            return Ok(Self { name, key, text });
        }
        for stale in notes.stale() {
            remove(place, notes, &stale).await?;
        }
        // half of one, of a process that was killed over it
        remove(place, notes, &key).await?;
        place.create(&name).await?;
        recipe.cook(&place.url_of(&name, notes.folder())).await?;
        let text = match place {
            Place::Files => String::new(),
            Place::Server(Engine::Postgres, address) => {
                administer(address, &[postgres::close(&name)]).await?;
                String::new()
            }
            Place::Server(_, address) => {
                let db = administrator(address)?;
                let script = mysql::describe(&db, &name).await;
                db.close().await;
                script
                    .map_err(|error| Trouble::Other(error.to_string()))?
                    .unwrap_or_else(|| NO_COPY.to_owned())
            }
        };
        notes.set_ready(&key, &text)?;
        Ok(Self { name, key, text })
    }

    /// Makes a database that is like it.
    pub(super) async fn copy(
        &self,
        recipe: &Recipe,
        place: &Place,
        notes: &Notes,
        target: (&str, &std::path::Path),
    ) -> Result<(), Trouble> {
        let (name, folder) = target;
        match place {
            Place::Files => {
                let (from, to) = (file(notes.folder(), &self.name), file(folder, name));
                fs::copy(&from, &to).map_err(|error| Trouble::file(&from, &error))?;
                Ok(())
            }
            Place::Server(Engine::Postgres, address) => {
                administer(address, &[postgres::copy(&self.name, name)]).await
            }
            Place::Server(..) if self.text == NO_COPY => {
                place.create(name).await?;
                recipe.cook(&place.url_of(name, folder)).await
            }
            Place::Server(engine, address) => mysql::copy(*engine, address, &self.text, name).await,
        }
    }

    /// It is not there after all.
    pub(super) fn is_lost(&self, notes: &Notes) {
        notes.unset_ready(&self.key);
    }
}

async fn remove(place: &Place, notes: &Notes, key: &str) -> Result<(), Trouble> {
    notes.unset_ready(key);
    let name = format!("atlas_template_{key}");
    let path = file(notes.folder(), &name);
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut path = path.clone().into_os_string();
        path.push(end);
        let _ = fs::remove_file(path);
    }
    place.drop(&name).await
}
