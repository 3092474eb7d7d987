//! Two versions of a program, of which the second takes the place of the first while both are there.
//!
//! The first knows one kind of job. The second knows another one, and has given the payload of the first kind another shape,
//! which the first could not read. What it leaves behind has a column more.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use atlas_db::{Db, Migration, Migrations, Schema, migration, sql};
use atlas_jobs::{Handler, Handlers, Job, Run, Worker, sql::tables};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    place::{open, store},
    program::config,
};
use crate::Ledger;

/// A letter, as the first version of the program knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// To whom.
    pub to: String,
}

impl Job for Letter {
    const KIND: &'static str = "letter";
}

/// The same as the second version knows it: its payload is of another shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewLetter {
    /// To whom.
    pub to: Person,
}

/// Whom a letter is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// How they are called.
    pub name: String,
}

impl Job for NewLetter {
    const KIND: &'static str = Letter::KIND;
    const VERSION: u16 = 2;

    fn upgrade(_: u16, mut payload: Value) -> Result<Value, serde_json::Error> {
        payload["to"] = json!({ "name": payload["to"].take() });
        Ok(payload)
    }
}

/// What only the second version knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parcel;

impl Job for Parcel {
    const KIND: &'static str = "parcel";
}

/// A version of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// It knows [`Letter`].
    First,
    /// It knows [`NewLetter`] and [`Parcel`], and that its effects have a column more.
    Second,
}

impl Version {
    /// What the program is told to be this version.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "1",
            Self::Second => "2",
        }
    }

    /// The migrations that come with it.
    ///
    /// # Errors
    ///
    /// When two have the same name.
    pub fn migrations(self, db: Db) -> Result<Migrations> {
        let mut all = vec![tables()];
        if self == Self::Second {
            all.push(migration(AddVersion));
        }
        Ok(Migrations::new(db, all)?)
    }

    fn handlers(self, db: &Db, ledger: &Arc<Ledger>) -> Result<Handlers> {
        let handlers = match self {
            Self::First => vec![self.handler::<Letter>(db, ledger)],
            Self::Second => vec![
                self.handler::<NewLetter>(db, ledger),
                self.handler::<Parcel>(db, ledger),
            ],
        };
        Ok(Handlers::new(handlers)?)
    }

    fn handler<J: Job>(self, db: &Db, ledger: &Arc<Ledger>) -> Handler {
        let (db, ledger) = (db.clone(), Arc::clone(ledger));
        Handler::of(move |run: Run<J>| {
            let (db, ledger) = (db.clone(), Arc::clone(&ledger));
            async move { self.deliver(&run, &db, &ledger).await }
        })
    }

    async fn deliver<J: Job>(
        self,
        run: &Run<J>,
        db: &Db,
        ledger: &Ledger,
    ) -> Result<(), atlas_db::Error> {
        let (id, fence) = (run.id().to_string(), run.record().fence);
        let write = |what: &str, note: &str| ledger.write(what, &id, run.attempt(), fence, note);
        write("start", self.name());
        tokio::time::sleep(Duration::from_millis(20)).await;
        let effect = match self {
            Self::First => sql("INSERT INTO effects (job) VALUES (?)"),
            Self::Second => sql("INSERT INTO effects (job, version) VALUES (?, 2)"),
        };
        let done = effect.bind(&*id).execute(db).await.map(drop);
        write("end", done.as_ref().map_or("failed", |()| "done"));
        done
    }
}

/// Works as this version of the program until SIGTERM. The second one migrates when it begins, and finds that done if it is
/// not the first of its kind.
///
/// # Errors
///
/// When it cannot begin.
pub async fn roll(url: &str, effects: &str, folder: &Path, version: &str) -> Result<()> {
    let version = match version {
        "1" => Version::First,
        "2" => Version::Second,
        other => anyhow::bail!("there is no version `{other}`"),
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let db = open(effects)?;
    if version == Version::Second {
        version.migrations(db.clone())?.up().await?;
    }
    let handlers = version.handlers(&db, &Arc::new(Ledger::open(folder)?))?;
    let stop = async {
        terminate.recv().await;
    };
    Worker::new(store(url, &db)?, handlers, Vec::new(), &config())
        .run(stop)
        .await?;
    db.close().await;
    Ok(())
}

/// What the second version needs of the service's own tables. The first one goes on with it.
struct AddVersion;

impl Migration for AddVersion {
    fn name(&self) -> &'static str {
        "m20261123_000001_add_version"
    }

    fn up(&self, schema: &mut Schema) {
        schema.sql("ALTER TABLE effects ADD COLUMN version INTEGER NOT NULL DEFAULT 1");
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_column("effects", "version");
    }
}
