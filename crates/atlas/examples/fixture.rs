//! Services for the tests of the facade; the variable `FIXTURE` chooses one.

use std::process::ExitCode;
use std::sync::Arc;

use atlas::config::Profile;
use atlas::db::sea_orm::sea_query::{Alias, ColumnDef, Table};
use atlas::db::sea_orm::{ConnectionTrait, EntityTrait};
use atlas::db::seed::SeedFile;
use atlas::db::{Db, Fixtures, Migration, Schema, Seed};
use atlas::http::{ApiInfo, Json, Path, Routes, State, get, post};
use atlas::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[path = "fixture/teas.rs"]
mod teas;

#[path = "fixture/house.rs"]
mod house;

#[path = "fixture/letters.rs"]
mod letters;

#[tokio::main]
async fn main() -> ExitCode {
    let app = match std::env::var("FIXTURE").as_deref() {
        Ok("bare") => bare,
        Ok("broken") => broken,
        Ok("failing") => failing,
        Ok("quiet") => quiet,
        Ok("house") => house::teas,
        Ok("more-house") => house::more_teas,
        Ok("house-with-doors") => house::with_doors,
        Ok("unbuilt-house") => house::unbuilt,
        Ok("letters") => letters::app,
        Ok("letters-in-database") => letters::in_database,
        Ok("teas") => teas::app,
        Ok("panicking") => panicking,
        Ok("unhurried") => unhurried,
        _ => notes,
    };
    atlas::main(app).await
}

/// A service with everything.
fn notes() -> App {
    App::new("notes")
        .module(atlas::defaults())
        .module(atlas::db::module())
        .module(atlas::http::module())
        .module(notes_module())
}

fn notes_module() -> Module {
    Module::new("notes")
        .supply(ApiInfo::new("notes", "1.2.3"))
        .contribute(routes)
        .contribute(|| -> Arc<dyn Migration> { Arc::new(CreateNotes) })
        .contribute(|| {
            Seed::new(
                "notes",
                [Profile::Development, Profile::Test],
                |db| async move {
                    let statement =
                        "INSERT INTO notes (id, text) VALUES (1, 'buy tea') ON CONFLICT DO NOTHING";
                    db.execute_unprepared(statement).await.map(drop)
                },
            )
        })
        .contribute(|| {
            let file = SeedFile::new("seeds/reminders.toml", REMINDERS);
            Fixtures::new("reminders", file)
                .table::<note::Entity>([])
                .seed([Profile::Development, Profile::Test])
        })
}

const REMINDERS: &str =
    "[notes]\ntea = { id = 2, text = \"drink tea\" }\ncup = { id = 3, text = \"wash cup\" }\n";

mod note {
    use atlas::db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "notes")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        id: i32,
        pub(super) text: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn routes(db: Db) -> Routes {
    Routes::new("/notes")
        .tag("notes")
        .route("/", post(create))
        .route("/{id}", get(show))
        .with_state(db)
}

/// A note.
#[derive(Serialize, Deserialize, JsonSchema, garde::Validate)]
struct Note {
    /// What it says.
    #[garde(length(min = 1))]
    text: String,
}

async fn create(Json(note): Json<Note>) -> Json<Note> {
    tracing::info!(length = note.text.len(), "a note was taken");
    Json(note)
}

async fn show(State(db): State<Db>, Path(id): Path<i64>) -> atlas::http::Result<Json<Note>> {
    let found = note::Entity::find_by_id(i32::try_from(id).unwrap_or_default())
        .one(&db)
        .await
        .map_err(|error| Error::from(atlas::db::Error::from(error)))?;
    let missing = || Error::not_found("note_not_found", format!("there is no note {id}"));
    let text = found.ok_or_else(missing)?.text;
    Ok(Json(Note { text }))
}

struct CreateNotes;

impl Migration for CreateNotes {
    fn name(&self) -> &'static str {
        "m20261122_000001_create_notes"
    }

    fn up(&self, schema: &mut Schema) {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        schema.execute(
            Table::create()
                .table(Alias::new("notes"))
                .col(column("id").integer().not_null().primary_key())
                .col(column("text").text().not_null()),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table(Alias::new("notes"));
    }
}

/// A service without configuration.
fn bare() -> App {
    App::new("bare")
}

/// A service whose graph is unsound.
fn broken() -> App {
    #[derive(Clone, Component)]
    struct Clock;

    App::new("broken")
        .module(atlas::defaults())
        .module(Module::new("audit").invoke(|_: Clock| {}))
}

/// A service that is slower to stop than it has time by itself.
fn unhurried() -> App {
    let slow = |lifecycle: Lifecycle| {
        lifecycle.on_stop(|| tokio::time::sleep(std::time::Duration::from_secs(1)));
    };
    App::new("unhurried")
        .module(atlas::defaults())
        .module(atlas::http::module())
        .module(Module::new("slow").invoke(slow))
        .stop_timeout(std::time::Duration::from_millis(100))
}

/// A service that does not start.
fn failing() -> App {
    let fail = || Err::<(), _>(std::io::Error::other("the disk is on fire"));
    App::new("failing")
        .module(atlas::defaults())
        .module(Module::new("disk").invoke(fail))
}

/// A service that only waits, with one process and a part that nobody needs.
fn quiet() -> App {
    #[derive(Clone, Component)]
    struct Attic;

    fn tick(lifecycle: Lifecycle) {
        lifecycle.spawn(|stop: Shutdown| async move { stop.triggered().await });
    }

    App::new("quiet")
        .module(atlas::defaults())
        .module(Module::new("clock").process("tick", tick).provide(|| Attic))
}

/// A service whose description panics.
#[allow(clippy::panic, reason = "the panic is what is tested")]
fn panicking() -> App {
    panic!("nobody can describe it")
}
